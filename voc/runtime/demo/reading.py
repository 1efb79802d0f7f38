"""Reading the demo's files, whole or in part, and saying what does not fit together."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

from voc.core.vocabulary import SCALES, Metric
from voc.runtime.demo.data import (
    DOORS,
    Customer,
    Demo,
    Held,
    NoteItem,
    Recovery,
    Reply,
    Verdict,
    Voice,
    Waiver,
)

FOLDER = Path(__file__).with_name("aurora")
LONGEST_MENTION = 500
OLDEST = 2880.0
# What each door tells of the customer who speaks; at a form only what was typed counts.
TOLD = {
    "form": (),
    "survey": ("email", "external_id"),
    "email": ("email",),
    "mastodon": ("handle",),
    "api": ("external_id",),
}
CHANNELS = {"form": "forms", "survey": "surveys", "email": "mailboxes", "mastodon": "accounts", "api": "kiosks"}
_Keyed = Reply | NoteItem | Waiver | Verdict | Held | Recovery
T = TypeVar("T", Reply, NoteItem, Waiver, Verdict, Held, Recovery)


def read_demo(folder: Path = FOLDER, *, doors: Collection[str] = DOORS, limit: int | None = None) -> Demo:
    """The demo, voices in the order in which they came in; of `doors` only, and of those the newest `limit`.

    What people did is left out with the voice it was about, and so is a customer who says nothing. Raises
    ValueError, with every fault named, when the files do not fit together.
    """
    files = {**_load(folder, "people"), **_load(folder, "channels")}
    house: dict[str, Any] = {name: tuple(part) if isinstance(part, list) else part for name, part in files.items()}
    customers = {item["key"]: Customer(**item) for item in _load(folder, "customers")}
    spoken = [_voice(item, door, customers) for door in DOORS for item in _load(folder, f"voices_{door}")]
    spoken.sort(key=lambda voice: (-voice.hours_ago, voice.key))
    chosen = [voice for voice in spoken if voice.door in doors]
    chosen = chosen[max(0, len(chosen) - limit) :] if limit is not None else chosen
    kept = {voice.key for voice in chosen}
    speaking = {voice.customer for voice in chosen}
    known = {voice.key: voice for voice in spoken}

    def acts(name: str, kind: type[T]) -> tuple[T, ...]:
        rows = tuple(kind(**item) for item in _load(folder, name))
        if strangers := [row.key for row in rows if row.key not in known]:
            raise ValueError(f"{name}: nobody said {', '.join(strangers)}")
        return tuple(row for row in rows if row.key in kept)

    demo = Demo(
        **house,
        customers=tuple(item for item in customers.values() if item.key in speaking),
        voices=tuple(chosen),
        replies=acts("answers", Reply),
        notes=acts("notes", NoteItem),
        waivers=acts("waivers", Waiver),
        verdicts=acts("judgements", Verdict),
        held=acts("open_cases", Held),
        recoveries=acts("recoveries", Recovery),
        rules=tuple(_load(folder, "rules")),
    )
    if faults := [*_twice(spoken), *_wrong_voices(demo, known), *_wrong_acts(demo, known)]:
        raise ValueError("; ".join(faults))
    return demo


def _load(folder: Path, name: str) -> Any:
    return json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))


def _voice(item: Mapping[str, Any], door: str, customers: Mapping[str, Customer]) -> Voice:
    """One voice, with what its door tells of the customer filled in; what the file says itself comes first."""
    told: dict[str, str | None] = {}
    customer = customers.get(item.get("customer", ""))
    if customer is not None and TOLD[door]:
        told = {kind: customer.identities.get(kind) for kind in TOLD[door]} | {"name": customer.name}
    return Voice(**{**told, **item, "door": door, "topics": tuple(item.get("topics", ()))})


def _twice(voices: Iterable[Voice]) -> Iterator[str]:
    seen: set[str] = set()
    for voice in voices:
        if voice.key in seen:
            yield f"{voice.key} is there twice"
        seen.add(voice.key)


def _wrong_voices(demo: Demo, known: Mapping[str, Voice]) -> Iterator[str]:
    slugs = {door: {item["slug"] for item in getattr(demo, name)} for door, name in CHANNELS.items()}
    customers, units = {item.key for item in demo.customers}, {item["key"] for item in demo.units}
    for voice in demo.voices:
        if voice.channel not in slugs[voice.door]:
            yield f"{voice.key}: no such channel {voice.channel}"
        if voice.customer is not None and voice.customer not in customers:
            yield f"{voice.key}: no such customer {voice.customer}"
        if voice.unit is not None and voice.unit not in units:
            yield f"{voice.key}: no such unit {voice.unit}"
        if voice.reply_to is not None and voice.reply_to not in known:
            yield f"{voice.key}: answers {voice.reply_to}, which nobody said"
        if not 0 < voice.hours_ago <= OLDEST:
            yield f"{voice.key}: {voice.hours_ago} hours ago"
        if voice.text is None and voice.score is None:
            yield f"{voice.key} says nothing"
        if voice.score is not None and not _on_scale(voice):
            yield f"{voice.key}: {voice.score} is no {voice.metric} score"
        if voice.door == "mastodon" and len(voice.text or "") > LONGEST_MENTION:
            yield f"{voice.key} is too long for a mention"


def _on_scale(voice: Voice) -> bool:
    low, high = SCALES[Metric(voice.metric)] if voice.metric else (1, 0)
    return voice.score is not None and low <= voice.score <= high


def _wrong_acts(demo: Demo, known: Mapping[str, Voice]) -> Iterator[str]:
    people = {person["email"] for person in demo.users}
    acts: list[_Keyed] = [*demo.replies, *demo.notes, *demo.waivers, *demo.verdicts, *demo.held, *demo.recoveries]
    for act in acts:
        who = act.agent if isinstance(act, Reply) else act.by
        if who not in people or (isinstance(act, Held) and act.owner is not None and act.owner not in people):
            yield f"{act.key}: somebody is not of the house"
        if not 0 < act.after_hours < known[act.key].hours_ago:
            yield f"{act.key}: something is done {act.after_hours} hours later"
        if isinstance(act, Recovery) and act.asked_again is not None and act.asked_again not in known:
            yield f"{act.key}: {act.asked_again} was never said"
