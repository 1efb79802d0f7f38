"""Whether there is a plugin at all, and whether it can be tested."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from typing import Any

from voc.plugin import Channel, Raw
from voc.testkit.rule import ASKING, RULES, broken, rule, shown
from voc.testkit.said import NOW, Said
from voc.testkit.subject import Subject

METHODS = {"ACCEPT": "accept", "FETCH": "fetch", "FORM": "form", "SEND": "send"}
SHORTEST_SECRET = 8
SHORTEST_REASON = 15
FEATURES = ("text", "score", "sent_at", "no-id", "attachments", "answers")


@rule(
    "loads",
    "bronze",
    "The host loads it, and it offers what plugin.toml declares.",
    mend="Make plugin.toml and what the hooks return agree; docs/plugins.md has the table of keys.",
    method="plugin.toml",
)
def loads(subject: Subject) -> None:
    """What stands in the way, in the host's own words."""
    if said := subject.plugin.trouble or subject.host_says:
        broken(f"the plugin cannot be loaded: {said}")
    for capability in sorted(subject.capabilities & METHODS.keys()):
        method = METHODS[capability]
        if getattr(subject.kind, method) is getattr(Channel, method):
            broken(f"plugin.toml declares {capability}, and {method}() is not there")


@rule(
    "fixtures",
    "bronze",
    "fixtures.py has what the kit needs.",
    mend="Fill fixtures.py; `voc plugin new` writes one to start from.",
    method="fixtures.py",
)
def fixtures(subject: Subject) -> None:
    """Options that are valid, secrets worth looking for, reasons that say something."""
    if subject.plugin.no_fixtures:
        broken(f"fixtures.py cannot be used ({subject.plugin.no_fixtures})")
    if subject.name not in subject.plugin.fixtures:
        broken(f"fixtures.py has no subclass of Fixtures for channels of kind {subject.name!r}")
    _, wrong = subject.kind.options.check(subject.fixtures.options)
    if wrong and not subject.capabilities & {"FETCH", "SEND"}:
        broken(f"the options in fixtures.py are not valid: {shown(wrong)}")
    for name, value in subject.secrets.items():
        if len(value) < SHORTEST_SECRET:
            broken(f"the secret option {name} in fixtures.py is too short to be looked for in logs")
    for name, reason in subject.cannot.items():
        if name not in RULES and name not in FEATURES:
            broken(f"{name!r} is left out of the tests, and there is no such rule or feature")
        if not isinstance(reason, str) or len(reason.strip()) < SHORTEST_REASON:
            broken(f"{name!r} is left out of the tests without a reason that says why")
    raw = subject.raw(Said())
    if not isinstance(raw, Raw) or raw.received_at.tzinfo is None:
        broken(f"raw() in fixtures.py returned {shown(raw)}, which is no Raw with an aware time")


@rule(
    "vendor",
    "bronze",
    "The vendor of fixtures.py, where the channel asks one, can be had.",
    mend="Let vendor() start a server on loopback, and let its `options` say where it listens: HttpVendor does both.",
    method="fixtures.py",
)
def vendor(subject: Subject) -> None:
    """It starts, and somebody listens at the address in its options; else the rules that need it are not tried."""
    if subject.capabilities & ASKING:
        demand_vendor(subject)


def demand_vendor(subject: Subject) -> None:
    """Broken when the vendor cannot be had and some rule needs it; says how many."""
    waiting = [
        item
        for item in RULES.values()
        if (subject.planned is None or item.id in subject.planned)
        and item.applies(subject)
        and item.needs_vendor(subject)
        and not {item.id, *item.features} & subject.cannot.keys()
    ]
    if waiting and (said := subject.absence()):
        count = len(waiting)
        rules = "1 rule that needs it was" if count == 1 else f"{count} rules that need it were"
        broken(f"{said}; {rules} not tried")


@rule(
    "samples",
    "bronze",
    "Real things of the vendor are read as they should be.",
    mend="Put what `read` should give beside each sample in fixtures.py, and make `read` give it.",
)
def samples(subject: Subject) -> None:
    """Every sample gives exactly what stands beside it."""
    for number, sample in enumerate(subject.fixtures.samples, start=1):
        found = tuple(subject.read(Raw(sample.body, sample.content_type, NOW, sample.headers, sample.delivery_id)))
        if found != tuple(sample.expected):
            broken(f"sample {number} was read {_difference(found, tuple(sample.expected))}")


def _difference(found: tuple[Any, ...], wanted: tuple[Any, ...]) -> str:
    """The first field that is another one, where the items are of the same kinds; else both."""
    if [type(item) for item in found] == [type(item) for item in wanted]:
        for item, other in zip(found, wanted, strict=True):
            for part in fields(item) if is_dataclass(item) else ():
                mine, theirs = getattr(item, part.name), getattr(other, part.name)
                if mine != theirs:
                    return f"with {part.name} {shown(mine, 200)} instead of {shown(theirs, 200)}"
    return f"as {shown(found, 200)} instead of {shown(wanted, 200)}"


@rule(
    "texts",
    "silver",
    "People read about it in Spanish, Portuguese and English.",
    mend="Add title, description and the help of each option to [texts.es] and [texts.pt] of plugin.toml.",
    method="plugin.toml",
)
def texts(subject: Subject) -> None:
    """Title, description, and a label and help for each option."""
    manifest = subject.plugin.manifest
    for name in ("title", "description"):
        if not manifest.get(name):
            broken(f"plugin.toml has no {name}")
    written = manifest.get("texts")
    for language in ("es", "pt"):
        said = written.get(language, {}) if isinstance(written, dict) else {}
        for name in ("title", "description"):
            if not said.get(name):
                broken(f"plugin.toml says no {name} in {language}")
        options = said.get("options", {})
        for option in subject.kind.options:
            if not options.get(option.name):
                broken(f"the option {option.name} has no words in {language}")
