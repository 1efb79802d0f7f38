"""What happens in the demo, in the order of time, and in which portions it is done. Pure.

Whoever speaks a second time may join a case that was answered in between. So what comes in is handed in together only
up to the first that could meet something not done yet; then people do what they did until then, and it goes on. That
takes far fewer portions than there are moments, because most of it has nothing to do with each other.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from voc.core.calendar import Calendar, next_opening
from voc.core.vocabulary import Stance
from voc.runtime.demo.data import Demo, Recovery, Voice
from voc.runtime.demo.moments import moment
from voc.runtime.demo.wording import recovery_note

MOST_SAID = 48
LOOKED_AFTER = timedelta(minutes=25)


@dataclass(frozen=True, slots=True)
class Saying:
    """Something that comes in at `at`: a voice, or that its words were changed or taken back later."""

    at: datetime
    kind: Literal["say", "edit", "delete"]
    voice: Voice


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that `by` did at `at` about the voice `key`. `text` is the answer, the note, the reason, the stance or
    the new owner; who looked says that stance where the machine saw a detractor."""

    kind: Literal["answer", "note", "waive", "judge", "take", "look"]
    at: datetime
    key: str
    by: str
    text: str
    resolve: bool = False


@dataclass(frozen=True, slots=True)
class Round:
    """A portion: what is said, then what is done, then whatever fell due by `until` was told. `first` is how many
    things were said and done before it."""

    first: int
    said: tuple[Saying, ...]
    steps: tuple[Step, ...]
    until: datetime

    @property
    def heard(self) -> int:
        """How many things are done when everything in it was said."""
        return self.first + len(self.said)

    @property
    def end(self) -> int:
        """How many things are done when all of it is."""
        return self.heard + len(self.steps)


def rounds(demo: Demo, started_at: datetime, first: int = 0) -> list[Round]:
    """The portions, in order; counted from `first`."""
    groups = groups_of(demo.voices)
    found: list[Round] = []
    said: list[Saying] = []
    done: list[Step] = []
    touched: set[str] = set()

    def close(until: datetime) -> None:
        if said or done:
            found.append(Round(found[-1].end if found else first, tuple(said), tuple(done), until))
        said.clear()
        done.clear()
        touched.clear()

    for event in _in_order(demo, started_at):
        if isinstance(event, Step):
            done.append(event)
            touched.add(groups[event.key])
            continue
        spoken = {saying.voice.key for saying in said}
        early = event.kind == "delete" and event.voice.key in spoken
        if early or groups[event.voice.key] in touched or len(said) >= MOST_SAID:
            close(event.at)
        said.append(event)
    close(started_at)
    return found


def _in_order(demo: Demo, started_at: datetime) -> list[Saying | Step]:
    every: list[Saying | Step] = [*sayings(demo, started_at), *steps(demo, started_at)]
    return sorted(every, key=lambda it: (it.at, it.key if isinstance(it, Step) else it.voice.key, it.kind))


def sayings(demo: Demo, started_at: datetime) -> Iterator[Saying]:
    """Everything that comes in; what lies after the start has not happened yet."""
    for voice in demo.voices:
        later = {"edit": (voice.edited or {}).get("after_hours"), "delete": voice.deleted_after_hours}
        yield Saying(voice.received_at(started_at), "say", voice)
        if (hours := later["edit"]) is not None and hours < voice.hours_ago:
            yield Saying(moment(started_at, voice.hours_ago - hours), "edit", voice)
        if (hours := later["delete"]) is not None and hours < voice.hours_ago:
            yield Saying(moment(started_at, voice.hours_ago - hours), "delete", voice)


def groups_of(voices: Sequence[Voice]) -> dict[str, str]:
    """A name for each voice, the same for those that may meet in one case: of one known customer or account, or
    answering each other. What was typed into a form proves nothing and meets nobody."""
    above: dict[str, str] = {}

    def root(name: str) -> str:
        while (up := above.setdefault(name, name)) != name:
            name = up
        return name

    for voice in voices:
        mine = f"voice {voice.key}"
        known = voice.customer if voice.door != "form" else None
        others = (f"customer {known}" if known else "", f"account {voice.handle}" if voice.handle else "")
        for other in (*others, f"voice {voice.reply_to}" if voice.reply_to else ""):
            if other:
                above[root(other)] = root(mine)
    return {voice.key: root(f"voice {voice.key}") for voice in voices}


def steps(demo: Demo, started_at: datetime) -> list[Step]:
    """Everything people did, in the order of time.

    Where a person would not see a detractor and the files say nothing else, the first team's lead looked at the next
    opening of the house, in case the machine did.
    """
    hours = {voice.key: voice.hours_ago for voice in demo.voices}

    def at(key: str, after_hours: float) -> datetime:
        return moment(started_at, hours[key] - after_hours)

    found = [Step("answer", at(r.key, r.after_hours), r.key, r.agent, r.text, r.resolve) for r in demo.replies]
    found += [Step("note", at(n.key, n.after_hours), n.key, n.by, n.text) for n in demo.notes]
    found += [Step("waive", at(w.key, w.after_hours), w.key, w.by, w.reason) for w in demo.waivers]
    found += [Step("judge", at(v.key, v.after_hours), v.key, v.by, v.stance) for v in demo.verdicts]
    found += [Step("take", at(h.key, h.after_hours), h.key, h.by, h.owner) for h in demo.held if h.owner]
    found += [Step("note", at(h.key, h.after_hours), h.key, h.by, h.reason) for h in demo.held if h.reason]
    found += [Step("note", at(r.key, r.after_hours), r.key, r.by, _note_of(demo, r)) for r in demo.recoveries]
    found += _looked(demo, started_at, {step.key: step for step in found})
    return sorted(found, key=lambda step: (step.at, step.key, step.kind))


def _note_of(demo: Demo, recovery: Recovery) -> str:
    language = next(person["language"] for person in demo.users if person["email"] == recovery.by)
    return recovery_note(recovery, language)


def _looked(demo: Demo, started_at: datetime, others: Mapping[str, Step]) -> Iterator[Step]:
    calendar, by = Calendar.from_dict(demo.calendar), demo.teams[0]["lead"]
    for voice in demo.voices:
        stance = voice.by_a_person()
        if stance not in (Stance.PASSIVE, Stance.PROMOTER) or voice.key in others:
            continue
        at = next_opening(calendar, next_opening(calendar, voice.received_at(started_at)) + LOOKED_AFTER)
        if at < started_at:
            yield Step("look", at, voice.key, by, stance.value)
