"""What a plugin may offer beside channels and analyzers: one line a kind, and the checks of what its hooks return."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any, get_args

from voc.core.errors import Invalid
from voc.plugin import (
    Action,
    Command,
    Context,
    Exporter,
    Notifier,
    Offer,
    Option,
    Options,
    OptionType,
    Scheduled,
    Slot,
    SlotPlace,
)
from voc.plugin_host.guard import Guard
from voc.plugin_host.telling import Telling

# Lines that one run of a command may say.
MOST_LINES = 10_000
LONGEST_LINE = 10_000
# What a schedule may ask to be told.
TELLABLE = ("figures",)
LONGEST_PAUSE = 60 * 24 * 366
FORMATS = ("jsonl", "csv", "xlsx")
_NAME = re.compile(r"[a-z][a-z0-9_-]{0,39}")
_OPTION = re.compile(r"[a-z][a-z0-9_]{0,39}")
_SUFFIX = re.compile(r"(\.[a-z0-9]{1,10}){0,2}")


@dataclass(frozen=True, slots=True)
class OfferKind:
    """One kind of offer: its key in plugin.toml, one of it in words, its class, what has to be overridden, what may
    be besides, and what is said of it over the pipe beside name, title and options."""

    key: str
    word: str
    base: type[Offer]
    needed: str
    further: tuple[str, ...] = ()
    attributes: tuple[str, ...] = ()

    @property
    def hook(self) -> str:
        """The hook that returns it."""
        return f"voc_{self.key}"

    @property
    def methods(self) -> tuple[str, ...]:
        """Everything that is called."""
        return (self.needed, *self.further)


KINDS: Mapping[str, OfferKind] = {
    kind.key: kind
    for kind in (
        OfferKind("actions", "action", Action, "run"),
        OfferKind("notifiers", "notifier", Notifier, "notify"),
        OfferKind("slots", "slot", Slot, "fill", attributes=("place",)),
        OfferKind("exporters", "exporter", Exporter, "rows", ("begin", "end"), ("suffix", "binary")),
        OfferKind("commands", "command", Command, "run", attributes=("help",)),
        OfferKind("schedules", "schedule", Scheduled, "run", attributes=("minutes", "wants")),
    )
}

Offers = dict[str, dict[str, Offer]]
Holder = Callable[[str, str], str | None]


def checked(
    declared: Mapping[str, Iterable[str]], answers: Callable[[OfferKind], Iterable[Any]], holder: Holder
) -> Offers:
    """What the hooks of one plugin offer, by kind and name: `answers` asks one hook, `declared` is what plugin.toml
    says, and `holder` says which plugin has a name already. Raises Invalid with one sentence."""
    found: Offers = {}
    for kind in KINDS.values():
        wanted = tuple(declared.get(kind.key, ()))
        mine: dict[str, Offer] = {}
        for item in answers(kind):
            offer = _checked(kind, item, wanted)
            if offer.name in mine:
                raise Invalid(f"{kind.hook} returned two {kind.key} of the name {offer.name!r}; give one another name")
            if other := holder(kind.key, offer.name):
                raise Invalid(
                    f"{kind.word} {offer.name!r} belongs to plugin {other} already; give this one another name"
                )
            mine[offer.name] = offer
        if missing := [name for name in wanted if name not in mine]:
            raise Invalid(f"plugin.toml declares {kind.word} {missing[0]!r}, and {kind.hook} does not offer it")
        if mine:
            found[kind.key] = mine
    return found


def _checked(kind: OfferKind, item: Any, wanted: Iterable[str]) -> Offer:
    if isinstance(item, type) and issubclass(item, kind.base):
        raise Invalid(f"{kind.hook} returned the class {item.__name__}; return an object: {item.__name__}()")
    if not isinstance(item, kind.base):
        raise Invalid(f"{kind.hook} returned {_named(item)}, which is no voc.plugin.{kind.base.__name__}")
    name = item.name
    if not name:
        raise Invalid(f"{kind.hook} returned {_named(item)} without a name")
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise Invalid(
            f"the {kind.word} name {name!r} must be small letters, digits, - and _, and begin with a letter; at most 40"
        )
    if name not in wanted:
        raise Invalid(f'{kind.word} {name!r} is not declared in plugin.toml; it wants {kind.key} = ["{name}"]')
    if getattr(type(item), kind.needed) is getattr(kind.base, kind.needed):
        raise Invalid(f"{kind.word} {name!r} has no {kind.needed}()")
    if not isinstance(item.title, str):
        raise Invalid(f"title of {kind.word} {name!r} must be text")
    check_options(f"{kind.word} {name!r}", item.options)
    if wrong := _wrong(item):
        raise Invalid(f"{kind.word} {name!r}: {wrong}")
    return item


def _wrong(item: Offer) -> str | None:
    """What is wrong with the attributes that only its kind has."""
    if isinstance(item, Slot) and item.place not in get_args(SlotPlace):
        return f"place must be one of {', '.join(get_args(SlotPlace))}, not {item.place!r}"
    if isinstance(item, Exporter):
        if item.name in FORMATS:
            return f"{item.name} is a format of voc itself; give it another name"
        if not isinstance(item.suffix, str) or not _SUFFIX.fullmatch(item.suffix):
            return f"suffix must look like .ods, not {item.suffix!r}"
    if isinstance(item, Command) and not isinstance(item.help, str):
        return "help must be one sentence"
    if isinstance(item, Scheduled):
        minutes = item.minutes
        if isinstance(minutes, bool) or not isinstance(minutes, int) or not 1 <= minutes <= LONGEST_PAUSE:
            return f"minutes must be a whole number from 1 to {LONGEST_PAUSE}, not {minutes!r}"
        if not isinstance(item.wants, tuple):
            return f"wants must be a tuple of words, not {item.wants!r}"
        if unknown := [wish for wish in item.wants if wish not in TELLABLE]:
            return f"this voc cannot tell {', '.join(map(repr, unknown))}; it can tell {', '.join(TELLABLE)}"
    return None


def check_options(whose: str, options: Any) -> Options:
    """The options of an offer or a plugin; raises Invalid when they cannot be drawn and kept."""
    if not isinstance(options, Options) or not all(isinstance(option, Option) for option in options):
        raise Invalid(f"options of {whose} must be voc.plugin.Options")
    for option in options:
        if not isinstance(option.name, str) or not _OPTION.fullmatch(option.name):
            raise Invalid(f"option {option.name!r} of {whose} must be called by small letters, digits and _")
        if option.type not in get_args(OptionType):
            raise Invalid(f"option {option.name!r} of {whose} has the unknown type {option.type!r}")
        if option.type == "choice" and not option.choices:
            raise Invalid(f"option {option.name!r} of {whose} is a choice of nothing")
        if option.default is not None and options.check({option.name: option.default})[1].get(option.name):
            raise Invalid(f"the default of option {option.name!r} of {whose} is none of its values")
    return options


def ask_settings(guard: Guard, name: str, function: Callable[[], Any] | None) -> Options:
    """What `voc_settings` of one plugin returns; none when it has no such hook. Raises Invalid."""
    if function is None:
        return Options()
    found = guard.call(name, function)
    if not isinstance(found, Options):
        raise Invalid(f"voc_settings must return voc.plugin.Options, not {type(found).__name__}")
    return check_options(f"plugin {name}", found)


def said_by(command: Command, ctx: Context, values: Mapping[str, Any]) -> list[str]:
    """Run a command to its end: what it says, line by line, but for what a context that is `Telling` heard already. To
    be called through the guard.

    Raises what the command raises, and ValueError when it says too much or something that is no text.
    """
    answer = command.run(ctx, values)
    lines: list[str] = []
    tell, count = ctx.tell if isinstance(ctx, Telling) else lines.append, 0
    for item in islice([answer] if isinstance(answer, str) else answer, MOST_LINES + 1):
        if not isinstance(item, str):
            raise ValueError(f"command {command.name} gave a line that is no text: {type(item).__name__}")
        for line in item.splitlines() or [""]:
            count += 1
            if count > MOST_LINES:
                raise ValueError(f"command {command.name} said more than {MOST_LINES} lines")
            tell(line[:LONGEST_LINE])
    return lines


def _named(item: Any) -> str:
    return f"an object of class {type(item).__name__}"
