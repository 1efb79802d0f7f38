"""Offers that are neither channels nor analyzers: what they do works, twice too, honestly, and without secrets."""

from __future__ import annotations

import traceback
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from voc.plugin import (
    CaseFacts,
    CustomerFacts,
    Deed,
    Done,
    Exporter,
    FeedbackFacts,
    Misconfigured,
    Notice,
    Options,
    Panel,
    TryLater,
    Undeliverable,
)
from voc.testkit.desk import Desk, listening
from voc.testkit.fixtures import Trouble, Vendor
from voc.testkit.rule import broken, rule, shown
from voc.testkit.rules.loading import demand_vendor
from voc.testkit.said import NOW
from voc.testkit.subject import Subject, Tried, tried

CALLING = ("actions", "notifiers", "slots", "commands", "schedules")
METHODS = {"actions": "run", "notifiers": "notify", "slots": "fill", "exporters": "rows"}
TROUBLES: tuple[Trouble, ...] = ("down", "busy", "denied", "nonsense")
HONEST = (TryLater, Misconfigured, Undeliverable)
WORDS = (
    "La entrega llegó tarde 😡",
    "A entrega está atrasada",
    "the delivery is late",
    "الطلب متأخر",
    "=1+1 \"'<b>&",
    "",
)
COLUMNS = ("id", "text", "score", "probability", "mixed")
LINK = "https://voc.example/cases/1"


def key_of(subject: Subject) -> str:
    """What kind of offer it is, as plugin.toml calls it."""
    return next(iter(subject.capabilities))


@contextmanager
def at_work(subject: Subject) -> Iterator[tuple[Desk, Vendor | None]]:
    """Its surroundings with the settings of the fixtures, at its vendor when it has one; NoVendor when that cannot be
    had."""
    subject.demand_vendor()
    defaults = {option.name: option.default for option in subject.plugin.settings}
    vendor = subject.offer_fixtures.vendor()
    if vendor is None:
        with Desk({**defaults, **subject.offer_fixtures.settings}, subject.parsers) as desk:
            yield desk, None
        return
    with (
        vendor as other,
        Desk({**defaults, **subject.offer_fixtures.settings, **other.options}, subject.parsers) as desk,
    ):
        yield desk, other


def called(subject: Subject, desk: Desk, words: str = WORDS[0], *, bare: bool = False) -> Tried:
    """One call as the house makes it; `bare`: about as little as there can be."""
    offer, ctx = subject.offer, desk.ctx()
    customer = CustomerFacts("u-1", *(() if bare else ("Ana Peña", "ana@example.com", "+51987654321", "c-7", "vip")))
    case = None if bare else CaseFacts("k-1", 7, "open", "high", LINK, "Ayuda", "Luis", NOW)
    feedback = FeedbackFacts("f-1", "tienda", NOW, LINK, words or None, "nps", 0, "es", "detractor")
    values, _ = offer.options.check(subject.offer_fixtures.values)
    match key_of(subject):
        case "actions":
            deed = Deed("d-1", "Enojados", values, feedback, case, None if bare else customer)
            return tried(offer.run, ctx, deed)
        case "notifiers":
            return tried(offer.notify, ctx, Notice("n-1", "rule", words, words, LINK, "es", urgent=not bare))
        case "slots":
            return tried(offer.fill, ctx, customer, case)
        case "commands":
            return tried(lambda: list(offer.run(ctx, values)))
        case "schedules":
            return tried(offer.run, ctx, {wish: dict(subject.offer_fixtures.figures) for wish in offer.wants})
    return tried(lambda: whole(offer, COLUMNS, records()))


def records() -> list[Mapping[str, Any]]:
    """Two for each text that is hard to write down."""
    return [
        {"id": f"{number}-{score}", "text": text or None, "score": score, "probability": None, "mixed": "true"}
        for number, text in enumerate(WORDS)
        for score in (0, None)
    ]


def whole(offer: Exporter, columns: Sequence[str], found: Sequence[Mapping[str, Any]]) -> bytes:
    """The whole file, piece by piece."""
    middle = [offer.rows(columns, found[at : at + 5], at) for at in range(0, len(found), 5)]
    return b"".join([offer.begin(columns), *middle, offer.end(columns, len(found))])


def _wrong(key: str, value: Any) -> bool:
    """Whether an answer means nothing to the house."""
    if key == "commands":
        return not all(isinstance(line, str) and "\n" not in line for line in value)
    if key == "slots":
        return not (value is None or isinstance(value, Panel))
    return not isinstance(value, {"actions": Done, "schedules": str, "exporters": bytes}.get(key, type(None)))


@rule(
    "offer-loads",
    "bronze",
    "The host loads it, and fixtures.py knows it.",
    mend="Make plugin.toml and what the hooks return agree, and give fixtures.py a subclass of OfferFixtures.",
    method="plugin.toml",
    of="offer",
)
def loads(subject: Subject) -> None:
    """What stands in the way, in the host's own words."""
    if said := subject.plugin.trouble or subject.host_says:
        broken(f"the plugin cannot be loaded: {said}")
    if subject.plugin.no_fixtures:
        broken(f"fixtures.py cannot be used ({subject.plugin.no_fixtures})")
    if not subject.has_fixtures:
        broken(f"fixtures.py has no subclass of OfferFixtures for the {subject.name}")
    _, wrong = subject.offer.options.check(subject.offer_fixtures.values)
    if wrong and subject.capabilities & {"actions", "commands"}:
        broken(f"the values in fixtures.py are not valid: {shown(wrong)}")


@rule(
    "offer-explained",
    "bronze",
    "It has a title, and every option and setting says what it is for.",
    mend="Give the offer a title (a command its help), each Option a help sentence and a default that is valid.",
    method="options",
    of="offer",
)
def explained(subject: Subject) -> None:
    """Titles, helps, defaults, and no secret in the code."""
    offer = subject.offer
    if not (getattr(offer, "help", "") if key_of(subject) == "commands" else offer.title).strip():
        broken(f"the {subject.name} has no {'help' if key_of(subject) == 'commands' else 'title'}")
    for option in (*offer.options, *subject.plugin.settings):
        if len(option.help.split()) < 2:
            broken(f"the option {option.name} has no help")
        if option.secret and option.default:
            broken(f"the secret option {option.name} has a default that is in everybody's hands")
        if option.default not in (None, "") and Options(option).check({option.name: option.default})[1]:
            broken(f"the option {option.name} proposes {shown(option.default)}, which it would refuse")


@rule(
    "offer-vendor",
    "bronze",
    "The vendor of fixtures.py, when there is one, can be had.",
    mend="Let vendor() start a server on loopback, and let its `options` say where it listens: HttpVendor does both.",
    method="fixtures.py",
    of="offer",
    needs=CALLING,
)
def vendor(subject: Subject) -> None:
    """It starts, and somebody listens at the address in its options; else the rules that need it are not tried."""
    demand_vendor(subject)


@rule(
    "offer-works",
    "bronze",
    "It does what it is for, whatever the words are, and says so.",
    mend="Return what the contract says (Done, Panel, a sentence, lines); take customer, case and text as optional.",
    method="run",
    of="offer",
    needs=CALLING,
    asks=CALLING,
)
def works(subject: Subject) -> None:
    """Every language, nothing at all, and as little as there can be."""
    for words in WORDS:
        for bare in (False, True):
            with at_work(subject) as (desk, _):
                result = called(subject, desk, words, bare=bare)
            if result.error is not None or _wrong(key_of(subject), result.value):
                broken(f"the {subject.name}, about {shown(words, 40)}, {result.kind}")


@rule(
    "exporter-pure",
    "bronze",
    "A piece depends on nothing but what it is made of.",
    mend="Keep nothing in the exporter between two calls: pieces may be made by different processes, and again.",
    method="rows",
    of="offer",
    needs=("exporters",),
)
def pure(subject: Subject) -> None:
    """The pieces again, in another order."""
    offer, found = subject.offer, [{**dict.fromkeys(COLUMNS), "id": str(number)} for number in range(9)]
    first = [
        offer.begin(COLUMNS),
        offer.rows(COLUMNS, found[:3], 0),
        offer.rows(COLUMNS, found[3:], 3),
        offer.end(COLUMNS, 9),
    ]
    again = [
        offer.end(COLUMNS, 9),
        offer.rows(COLUMNS, found[3:], 3),
        offer.rows(COLUMNS, found[:3], 0),
        offer.begin(COLUMNS),
    ]
    for one, other, what in zip(
        first, reversed(again), ("beginning", "first piece", "second piece", "end"), strict=True
    ):
        if one != other:
            broken(f"the {what} is another one when it is asked for again")


@rule(
    "exporter-whole",
    "bronze",
    "Every record gets into the file, whatever stands in it; a file without records is one too.",
    mend="Escape what your format does not take, write None as nothing and 0 as 0, and return bytes.",
    method="rows",
    of="offer",
    needs=("exporters",),
)
def complete(subject: Subject) -> None:
    """Hostile texts, no records, no columns; more records make more bytes."""
    for columns, found in ((COLUMNS, records()), (COLUMNS, []), ((), []), (COLUMNS, [dict.fromkeys(COLUMNS)])):
        result = tried(whole, subject.offer, columns, found)
        if not isinstance(result.value, bytes):
            broken(f"{len(found)} records of {len(columns)} columns: it {result.kind} instead of bytes")
    one = [
        {"id": "7", "text": text, "score": 0, "probability": 0.5, "mixed": None} for text in ("uno", "\x00\x0b\ud83d")
    ]
    result = tried(whole, subject.offer, COLUMNS, one)
    if not isinstance(result.value, bytes):
        broken(f"with characters that files seldom take it {result.kind}")
    size = len(whole(subject.offer, COLUMNS, one))
    if len(whole(subject.offer, COLUMNS, one * 2)) <= size:
        broken("twice as many records make no longer file: some get lost")


@rule(
    "offer-texts",
    "silver",
    "People read about it in Spanish, Portuguese and English.",
    mend="Add the offer to [texts.es.offers] and [texts.pt.offers] of plugin.toml, and settings to their options.",
    method="plugin.toml",
    of="offer",
)
def texts(subject: Subject) -> None:
    """Title and description of the plugin, a label for the offer, its options, and the settings."""
    manifest = subject.plugin.manifest
    written = manifest.get("texts")
    name = subject.name.partition(" ")[2]
    for language in ("es", "pt"):
        said = written.get(language, {}) if isinstance(written, dict) else {}
        for word in ("title", "description"):
            if not manifest.get(word) or not said.get(word):
                broken(f"plugin.toml says no {word} in {language}, or none at all")
        offers = said.get("offers", {})
        own = offers.get(subject.name) or offers.get(name, {})
        if not own.get("label"):
            broken(f"the {subject.name} has no label in {language}")
        for option in subject.offer.options:
            if not own.get("options", {}).get(option.name):
                broken(f"the option {option.name} of the {subject.name} has no words in {language}")
        for option in subject.plugin.settings:
            if not said.get("options", {}).get(option.name):
                broken(f"the setting {option.name} has no words in {language}")


@rule(
    "offer-twice",
    "silver",
    "It can be done again: after a failure nobody knows whether it was done.",
    mend="Take deed.id or notice.id as idempotency key where the other side has one; never fail because it was done.",
    method="run",
    of="offer",
    needs=CALLING,
    asks=CALLING,
)
def twice(subject: Subject) -> None:
    """The same call again, also after the answer got lost."""
    with at_work(subject) as (desk, vendor):
        for trouble in (None, "lost") if vendor is not None else (None,):
            if vendor is not None and trouble:
                vendor.trouble = "lost"
                called(subject, desk)
                vendor.trouble = None
            for _ in range(2):
                result = called(subject, desk)
                if result.error is not None:
                    broken(f"the {subject.name}, done again, {result.kind}")


@rule(
    "offer-honest",
    "silver",
    "When the other side cannot, or refuses, it says so.",
    mend="Raise TryLater, Misconfigured or Undeliverable with a sentence for people; look at the status of an answer.",
    method="run",
    of="offer",
    needs=CALLING,
    asks=CALLING,
)
def honest(subject: Subject) -> None:
    """Down, busy, wrong password, a welcome page. A way that never looks at what it is answered may take a page."""
    for trouble in TROUBLES:
        with at_work(subject) as (desk, vendor):
            if vendor is None:
                return
            vendor.trouble = trouble
            result = called(subject, desk)
        if result.error is None and trouble != "nonsense":
            broken(f"while the other side is {trouble}, the {subject.name} {result.kind}, as if all were well")
        if result.error is not None and not isinstance(result.error, HONEST):
            broken(f"while the other side is {trouble}, the {subject.name} {result.kind}")
        if result.error is not None and not str(result.error).strip():
            broken(f"while the other side is {trouble}, the {subject.name} says nothing that helps")


@rule(
    "offer-secrets",
    "silver",
    "No secret is logged, raised, shown or kept in the object.",
    mend="Say what went wrong in your own words: a library's exception often repeats the address with the token in it.",
    method="run",
    of="offer",
    needs=CALLING,
    asks=CALLING,
)
def secrets(subject: Subject) -> None:
    """Logs, exceptions with all they were caused by, answers, and attributes; while all goes well and while not."""
    for trouble in (None, *TROUBLES):
        with at_work(subject) as (desk, vendor), listening() as ear:
            if vendor is not None:
                vendor.trouble = trouble
            hidden = {
                option.name: str(value)
                for option in subject.plugin.settings
                if option.secret and (value := desk.options.get(option.name))
            }
            result = called(subject, desk)
            raised = "".join(traceback.format_exception(result.error)) if result.error is not None else ""
            inside = repr(getattr(subject.offer, "__dict__", {}))
            places = {
                "a log": " ".join(ear.lines),
                "what it raised": raised,
                "what it said": repr(result.value),
                "itself": inside,
            }
        for place, text in places.items():
            if name := next((name for name, value in hidden.items() if value in text), None):
                broken(f"the secret setting {name} stands in {place}")
