"""What stands in the host for a channel, an analyzer or another offer that lives in another process."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from voc.core.errors import Invalid
from voc.plugin import Channel, Context, Offer, Option, Options, Sentiment, Signature, View
from voc.plugin_host.deadline import Ending
from voc.plugin_host.isolated.plugin import IsolatedPlugin
from voc.plugin_host.offers import KINDS, OfferKind


class RemoteChannel(Ending, Channel):
    """A channel whose methods are calls to `plugin`; subclasses have those that the real one has."""

    plugin: IsolatedPlugin


def _accept(self: RemoteChannel, ctx: Context, call: Any) -> Any:
    return self.plugin.ask("accept", self.kind, ctx, (call,))


def _check(self: RemoteChannel, ctx: Context) -> Any:
    return self.plugin.ask("check", self.kind, ctx, ())


def _fetch(self: RemoteChannel, ctx: Context, cursor: Mapping[str, Any] | None) -> Any:
    return self.plugin.ask("fetch", self.kind, ctx, (cursor,))


def _form(self: RemoteChannel, view: View) -> Any:
    return self.plugin.ask("form", self.kind, view, ())


def _read(self: RemoteChannel, view: View, raw: Any) -> Any:
    return self.plugin.ask("read", self.kind, view, (raw,))


def _send(self: RemoteChannel, ctx: Context, message: Any) -> Any:
    return self.plugin.ask("send", self.kind, ctx, (message,))


_METHODS = {"accept": _accept, "check": _check, "fetch": _fetch, "form": _form, "read": _read, "send": _send}


def channel_class(plugin: IsolatedPlugin, said: Any) -> type[Channel]:
    """The class for a channel that `plugin` described; raises Invalid when the description cannot be."""
    try:
        options = tuple(said["options"])
        if not all(isinstance(option, Option) for option in options):
            raise TypeError("options")
        signature = said["signature"]
        if not (signature is None or isinstance(signature, Signature)):
            raise TypeError("signature")
        attributes = {
            "plugin": plugin,
            "kind": str(said["kind"]),
            "title": str(said["title"]),
            "options": Options(*options),
            "signature": signature,
            "identity": "kind" if said["identity"] == "kind" else "channel",
            "takes_mail": bool(said["takes_mail"]),
        }
        methods = {name: _METHODS[name] for name in said["methods"] if name in _METHODS}
    except (KeyError, TypeError, ValueError) as error:
        raise Invalid(f"its process describes a channel that cannot be: {error}") from None
    return type("RemoteChannel", (RemoteChannel,), {**attributes, **methods})


class RemoteAnalyzer(Ending):
    """An analyzer whose judgement is a call to `plugin`."""

    def __init__(self, plugin: IsolatedPlugin, said: Any) -> None:
        """Raises Invalid when the description cannot be."""
        try:
            self.name, self.version = str(said["name"]), str(said["version"])
            self.languages = frozenset(map(str, said["languages"]))
        except (KeyError, TypeError) as error:
            raise Invalid(f"its process describes an analyzer that cannot be: {error}") from None
        self._plugin = plugin

    def analyze(self, text: str, language: str) -> Sentiment:
        """Judge `text`; what comes back is checked by whoever asked."""
        found: Sentiment = self._plugin.ask("analyze", self.name, None, (text, language))
        return found


class RemoteClauseAnalyzer(RemoteAnalyzer):
    """One that judges the parts of a text in the same call."""

    def analyze_clauses(self, text: str, language: str, spans: Sequence[tuple[int, int]]) -> Sequence[Sentiment]:
        """Judge `text` and then each of `spans`; what comes back is checked by whoever asked."""
        args = (text, language, tuple(spans))
        found: Sequence[Sentiment] = self._plugin.ask("analyze_clauses", self.name, None, args)
        return found


def analyzer_of(plugin: IsolatedPlugin, said: Any) -> RemoteAnalyzer:
    """What stands for an analyzer that `plugin` described; raises Invalid when the description cannot be."""
    whole = isinstance(said, Mapping) and said.get("clauses") is True
    return RemoteClauseAnalyzer(plugin, said) if whole else RemoteAnalyzer(plugin, said)


def offer_of(plugin: IsolatedPlugin, said: Any) -> tuple[str, Offer]:
    """(the key of its kind, what stands for an offer that `plugin` described); raises Invalid when it cannot be."""
    try:
        kind = KINDS[said["kind"]]
        attributes: dict[str, Any] = {word: said["about"][word] for word in kind.attributes}
        attributes |= {"name": str(said["name"]), "title": str(said["title"]), "options": Options(*said["options"])}
        methods = {
            word: _remote(plugin, kind, attributes["name"], word) for word in said["methods"] if word in kind.methods
        }
    except (KeyError, TypeError, AttributeError) as error:
        raise Invalid(f"its process describes an offer that cannot be: {error}") from None
    found: Offer = type(f"Remote{kind.base.__name__}", (Ending, kind.base), {**attributes, **methods})()
    return kind.key, found


def _remote(plugin: IsolatedPlugin, kind: OfferKind, name: str, word: str) -> Any:
    """A method that is a call to `plugin`; the first argument of most is a context, which goes another way."""

    def call(_self: Offer, *args: Any) -> Any:
        about = args[0] if args and isinstance(args[0], Context) else None
        return plugin.ask(f"{kind.key}.{word}", name, about, args[1:] if about is not None else args)

    return call


def settings_of(said: Mapping[str, Any]) -> Options:
    """The settings of the plugin as a whole, as its process described them; raises Invalid when they cannot be."""
    try:
        return Options(*said.get("settings", ()))
    except (TypeError, AttributeError) as error:
        raise Invalid(f"its process describes settings that cannot be: {error}") from None
