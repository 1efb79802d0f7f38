"""Telling colleagues by what plugins offer beside e-mail: a chat room, for example. One row of work, one notice."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from voc.delivery import notices, queries
from voc.delivery.calling import Context, call_offer, offer_of
from voc.delivery.deadlines import spread
from voc.delivery.memory import memory_of
from voc.jobs import Item
from voc.plugin import Notice, Notifier

LONGEST_SUBJECT = 300


def tell_notifiers(runtime: Context, items: Sequence[Item]) -> list[None]:
    """Have each notice told. What was told and could not be marked is not told again by this process; another one
    tells it under the same id."""
    for item in items:
        if memory_of(runtime.db).taken_at(item.id) is None:
            _tell(runtime, item)
            memory_of(runtime.db).taken(item.id, runtime.clock())
    return [None] * len(items)


def _tell(runtime: Context, item: Item) -> None:
    plugin, offer = offer_of(runtime, "notifiers", item.data["notifier"])
    call_offer(runtime, plugin, cast(Notifier, offer).notify, notice_of(runtime, item))


def notice_of(runtime: Context, item: Item) -> Notice:
    """The notice as it is told: the words of the mail, in the language of the house, to nobody by name."""
    data = item.data
    with runtime.db.reading() as session:
        company, language = queries.house_voice(session)
        variables, voice_of = spread(data, runtime.settings.public)
        voice = queries.words_of(session, voice_of)
    variables = {**variables, "name": None, "company": company, "voice": voice}
    subject, body = notices.render(data["template"], language, variables)
    return Notice(
        id=str(item.id),
        kind=data["template"],
        subject=subject[:LONGEST_SUBJECT],
        text=body.rstrip("\n"),
        link=variables["link"],
        language=language,
        urgent=bool(data.get("urgent")),
    )
