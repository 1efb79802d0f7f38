"""Whom an answer reaches, when more than one person wrote on a case. Pure.

Somebody else may write in a customer's thread. An answer goes to one address: whoever is provably another person, and
can be answered in a way of their own, has not been answered by it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from voc.cases.reaching import ADDRESSES, Way
from voc.core.vocabulary import Via


@dataclass(frozen=True, slots=True)
class Voice:
    """One feedback of a case: who said it, as far as known, and how an answer to it would go by itself, None when the
    words alone leave no way to answer."""

    feedback_id: UUID
    author: Mapping[str, Any] | None
    customer_id: UUID | None
    way: Way | None


@dataclass(frozen=True, slots=True)
class Choice:
    """One person who can be answered. `feedback_ids` are their words, oldest first; `who` is a name or an address."""

    feedback_ids: tuple[UUID, ...]
    way: Way
    who: str | None = None
    waiting: bool = False

    @property
    def key(self) -> UUID:
        """By what this person is chosen: the first thing they said."""
        return self.feedback_ids[0]


def people(voices: Sequence[Voice]) -> list[list[Voice]]:
    """The voices of each person who can be told from others, in the order in which they first spoke: what shares a
    customer, an id or an address belongs together. Whoever left nothing may be anybody, and is in no group."""
    groups: list[tuple[set[tuple[str, str]], list[Voice]]] = []
    for voice in voices:
        keys = _keys(voice)
        if not keys:
            continue
        mine = [group for group in groups if group[0] & keys]
        joined = (keys.union(*(known for known, _ in mine)), [*(item for _, found in mine for item in found), voice])
        # Where the first of them stood, so that the order is that of first words.
        place = groups.index(mine[0]) if mine else len(groups)
        groups.insert(place, joined)
        groups = [group for group in groups if group not in mine]
    order = {voice.feedback_id: place for place, voice in enumerate(voices)}
    return [sorted(found, key=lambda voice: order[voice.feedback_id]) for _, found in groups]


def passed_over(
    voices: Sequence[Voice],
    *,
    headline_id: UUID,
    via: Via,
    recipient: str | None,
    reply_to: Mapping[str, Any] | None,
) -> list[UUID]:
    """The feedback that an answer which went this way has not answered, in their order.

    On the status page it reaches whoever the case is about. Where nobody can tell whom an address belongs to, the
    answer counts for everybody, and so it does for whoever cannot be answered in another way.
    """
    groups = people(voices)
    if via is Via.STATUS_PAGE:
        reached = [group for group in groups if any(voice.feedback_id == headline_id for voice in group)]
    else:
        reached = [group for group in groups if any(_addressed(voice, recipient, reply_to) for voice in group)]
        if not reached:
            return []
    others = [group for group in groups if group not in reached and any(voice.way for voice in group)]
    missed = {voice.feedback_id for group in others for voice in group}
    return [voice.feedback_id for voice in voices if voice.feedback_id in missed]


def choices(voices: Sequence[Voice], *, headline_id: UUID, way: Way, waiting: frozenset[UUID]) -> tuple[Choice, ...]:
    """Everybody who can be answered, first those whom an answer reaches that goes by `way`, the one for whoever the
    case is about. `waiting` are the feedback that are owed an answer."""
    over = passed_over(voices, headline_id=headline_id, via=way.via, recipient=way.recipient, reply_to=way.reply_to)
    first = tuple(voice.feedback_id for voice in voices if voice.feedback_id not in over)
    found = [Choice(first, way, _who(voices, first, way), bool(waiting & set(first)))]
    for group in people(voices):
        ids = tuple(voice.feedback_id for voice in group)
        own = next((voice.way for voice in reversed(group) if voice.way), None)
        if own is not None and not set(ids) & set(first):
            found.append(Choice(ids, own, _who(voices, ids, own), bool(waiting & set(ids))))
    return tuple(found)


def _keys(voice: Voice) -> set[tuple[str, str]]:
    """By what this voice is known; where it left nothing else, by where it is answered."""
    keys = {(name, str(voice.author[name]).casefold()) for name in ADDRESSES if voice.author and voice.author.get(name)}
    if voice.customer_id is not None:
        keys.add(("customer", str(voice.customer_id)))
    if not keys and voice.way is not None:
        if (there := _to(voice.way.reply_to)) is not None:
            keys.add(("to", there))
        elif voice.way.reply_to:
            keys.add(("route", repr(sorted(voice.way.reply_to.items(), key=lambda item: item[0]))))
    return keys


def _addressed(voice: Voice, recipient: str | None, reply_to: Mapping[str, Any] | None) -> bool:
    """Whether an answer that went there went to this voice."""
    own = voice.way.reply_to if voice.way else None
    if reply_to and own and dict(own) == dict(reply_to):
        return True
    there = _to(reply_to) if reply_to else (recipient or "").casefold() or None
    email = str((voice.author or {}).get("email") or "").casefold()
    return there is not None and there in (_to(own), email)


def _to(reply_to: Mapping[str, Any] | None) -> str | None:
    to = (reply_to or {}).get("to")
    return to.casefold() if isinstance(to, str) and to else None


def _who(voices: Sequence[Voice], ids: Sequence[UUID], way: Way) -> str | None:
    """The first name among these words, else where the answer goes."""
    names = (voice.author.get("name") for voice in voices if voice.feedback_id in ids and voice.author)
    return next((str(name) for name in names if name), None) or way.recipient
