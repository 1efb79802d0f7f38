"""Why something did not go, in the reader's language and without the names that programs give to their mistakes.

Reasons are stored as they were said: by us, by a plugin, by somebody else's server. Our sentences are in the
catalogue, a plugin's in its `plugin.toml`, a server's own words stay as they are.
"""

from __future__ import annotations

import re
from functools import cache

from voc.plugin_host import faults
from voc.plugin_host.sentences import Sentence, reworded
from voc.web.account.texts import translated as _
from voc.web.here import language, runtime

# Sentences of the house with something in them, as `voc.plugin_host.sentences` reads them; the first that fits counts.
# Their translations stand in the catalogue.
SENTENCES = (
    "the message came back: {reason}",
    "no loaded plugin reads channels of kind {kind}",
    "no loaded plugin offers channels of kind {kind}",
    "its raw body was removed when the retention period ended",
    "plugin {plugin}: is paused after repeated time-outs",
    "plugin {plugin}: is not loaded",
    "plugin {plugin}: did not answer within {seconds} seconds",
    "plugin {plugin} found more than {count} items in it",
    "plugin {plugin} found nothing in it",
    "plugin {plugin} gave no answer that means anything",
    "plugin {plugin} returned {what}, which means nothing here",
    "plugin {plugin} returned a page that cannot be: {why}",
    "plugin {plugin} returned {what} that cannot be: {why}",
    "plugin {plugin} needs {names}: voc plugin set {command}",
    "no loaded plugin offers the action {name}",
    "no loaded plugin offers the notifier {name}",
    "no loaded plugin offers the slot {name}",
    "plugin {plugin} offers the slot {name} no more",
    "plugin {plugin}, which has the action {name}, is not loaded now",
    "plugin {plugin}, which has the notifier {name}, is not loaded now",
    "plugin {plugin}, which has the slot {name}, is not loaded now",
    "plugin {plugin} is not loaded now",
    "the customer took the words back; why it waits went with them",
    "the action {name} does not take what the rule says: {why}",
    "its secrets were lost with the key: enter them again",
    "this mail cannot be read: {why}",
    "it is empty",
    "it has {size} bytes, and no more than {most} are taken apart",
    "its header is longer than {most} bytes",
    "this is no mail: it has no header that mails have",
    "took more than {seconds} seconds of computing",
    "took more than {seconds} seconds",
    "needed more than {memory} MB of memory",
    "what was found in it is too large",
    "every parsing process was busy for {seconds} seconds",
    "the parsing process failed",
    "{host} is at {address}, a private address; VOC_PRIVATE_ADDRESSES would have to allow it",
    "connecting took too long",
    "no connection: {why}",
    "the answer is longer than {most} bytes",
    *faults.SENTENCES,
)
# How our programs and Python write down an exception: which plugin, which class, what it says.
_FAILED = re.compile(r"(?:plugin [\w.-]+: )(?P<of>[A-Z]\w*)(?:: (?P<by_plugin>.*)|$)", re.DOTALL)
_OURS = ("Busy", "Conflict", "Invalid", "NotFound", "Permanent", "PluginFailed", "Temporary", "Unable", "Unreachable")
_RAISED = re.compile(
    rf"(?P<of>[A-Z]\w*(?:Error|Exception|Exit|Interrupt)|{'|'.join(_OURS)})(?:: (?P<said>.*)|$)", re.DOTALL
)
# Where in a plugin's code it was: `… [acme_chat/__init__.py:12]`.
_PLACED = re.compile(r"(?P<said>.+)(?P<place> \[[^\[\]]+:\d+\])", re.DOTALL)
# Fields within fields of plugin.toml that are looked into: `texts: es: option city: …`.
_FIELDS = 3
# Things that are wrong with it which are said in the reader's language; whoever wrote it could make them any number.
_MOST_WRONG = 20
# How Python numbers what the system says.
_NUMBER = re.compile(r"\[Errno -?\d+\] ")
# Exceptions that say something to people; any other is somebody's mistake.
_SAID = frozenset({"ValueError", "TryLater", "Misconfigured", "Undeliverable", "OutcomeUnknown", *_OURS})


def reason_words(text: str | None, *kinds: str, plugin: str = "") -> str:
    """A stored reason as people read it; `kinds` are those of the channels whose plugins may have said it, or it was
    `plugin`."""
    spoken, host = language(), runtime().host
    tables = [host.said(kind, spoken).sentences for kind in kinds]
    if plugin:
        tables.append(host.said_of(plugin, spoken).sentences)
    said, tables = _NUMBER.sub("", text or ""), [*tables, _ours(spoken)]
    placed = _PLACED.fullmatch(said) if said.endswith("]") else None
    return f"{_without_class(placed['said'], tables)}{placed['place']}" if placed else _without_class(said, tables)


def mail_kinds() -> list[str]:
    """The kinds of channels that read mails: they say why one of ours came back, whichever way it went."""
    host = runtime().host
    return [kind for kind in host.kinds() if (found := host.channel(kind)) is not None and found[1].takes_mail]


def _without_class(text: str, tables: list[tuple[Sentence, ...]]) -> str:
    """`text` reworded; when it is an exception, what it says."""
    found = _FAILED.fullmatch(text) or _RAISED.fullmatch(text)
    if found is None:
        return _said(text, tables)
    detail = found.groupdict().get("by_plugin") or found.groupdict().get("said") or ""
    if detail and found["of"] in _SAID:
        return _said(detail, tables)
    if detail:
        return _("A mistake in the program: %(what)s", what=detail)
    return _("A mistake in the program.")


def _said(text: str, tables: list[tuple[Sentence, ...]]) -> str:
    """By a table, else by its beginning up to a colon, which the catalogue may know; itself when nobody knows it."""
    from voc.delivery.outcome import split_reason

    if text.startswith(faults.MANIFEST):
        pieces = text.removeprefix(faults.MANIFEST).split(faults.BETWEEN, _MOST_WRONG)
        return faults.MANIFEST + faults.BETWEEN.join(_of_field(piece, tables) for piece in pieces)
    said = reworded(text, tables)
    if said != text or not text:
        return said
    head, detail = split_reason(text)
    known = _(head) if head.strip() else head
    return f"{known}: {detail}" if detail else known


def _of_field(text: str, tables: list[tuple[Sentence, ...]], deep: int = _FIELDS) -> str:
    """`contract: must be …`: the field by its name, which is no word of any language, and what is wrong with it."""
    field, colon, wrong = text.partition(": ")
    said = reworded(text, tables)
    if said != text or not colon or not deep:
        return said
    return f"{field}: {_of_field(wrong, tables, deep - 1)}"


@cache
def _ours(_language: str) -> tuple[Sentence, ...]:
    """Ours in one language, which is that of this request: there are many, and they never change."""
    return tuple(Sentence.of(text, _(text)) for text in SENTENCES)
