"""The search box and the filters above the list of feedback: from the address to a question, and back again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from urllib.parse import urlencode
from uuid import UUID

from flask_babel import lazy_gettext
from markupsafe import Markup

from voc.core.vocabulary import LANGUAGES, Stance
from voc.search.asked import Asked
from voc.search.facets import NO_LANGUAGE, Filters
from voc.search.spans import excerpt, spans
from voc.search.syntax import LONGEST, Query
from voc.web.triage.marking import Mark, mark

# Days back from now; the key is what stands in the address.
PERIODS = {"1": 1, "7": 7, "30": 30, "90": 90, "365": 365}
_PERIOD_WORDS = {
    "1": lazy_gettext("Last 24 hours"),
    "7": lazy_gettext("Last 7 days"),
    "30": lazy_gettext("Last 30 days"),
    "90": lazy_gettext("Last 90 days"),
    "365": lazy_gettext("Last 12 months"),
}
SHOWN = 160
MEANING = "meaning"


@dataclass(frozen=True, slots=True)
class Search:
    """What was asked for, as it stands in the address; empty is *any*. `channel` is a channel's public name, `by` is
    empty (words) or MEANING."""

    typed: str = ""
    stance: str = ""
    channel: str = ""
    language: str = ""
    period: str = ""
    by: str = ""

    @property
    def by_meaning(self) -> bool:
        """Whether it is to be found by what it means; without words there is nothing to mean."""
        return self.by == MEANING and bool(self.typed.strip())

    @property
    def narrows(self) -> bool:
        """Whether anything but the stance is asked for."""
        return bool(self.typed.strip() or self.channel or self.language or self.period)

    def address(self, *, after: str | None = None, **changes: str) -> str:
        """The address of this question with some answers changed; from its first page, or the one after a key."""
        it = replace(self, **changes)
        parts = {"q": it.typed, "stance": it.stance, "channel": it.channel, "language": it.language}
        parts |= {"period": it.period, "by": it.by, "after": after or ""}
        given = urlencode({name: value for name, value in parts.items() if value})
        return f"/feedback?{given}" if given else "/feedback"

    def without_stance(self) -> str:
        """The same question about everybody."""
        return self.address(stance="")

    def of(self, stance: Stance) -> str:
        """The same question about one stance."""
        return self.address(stance=stance.value)


def read_search(values: Mapping[str, str], channels: Sequence[tuple[UUID, str, str]]) -> Search:
    """What an address asks for; what means nothing there is left out. `channels`: (id, public name, name)."""
    stance, channel = values.get("stance", ""), values.get("channel", "")
    language, period = values.get("language", ""), values.get("period", "")
    return Search(
        typed=values.get("q", "")[:LONGEST],
        stance=stance if stance in set(Stance) else "",
        channel=channel if channel in {slug for _, slug, _ in channels} else "",
        language=language if language in (*LANGUAGES, NO_LANGUAGE) else "",
        period=period if period in PERIODS else "",
        by=MEANING if values.get("by") == MEANING else "",
    )


def asked_of(search: Search, channels: Sequence[tuple[UUID, str, str]], now: datetime) -> Asked:
    """The question for the index."""
    days = PERIODS.get(search.period)
    return Asked(
        search.typed,
        Filters(
            stance=Stance(search.stance) if search.stance else None,
            channel_id=next((key for key, slug, _ in channels if slug == search.channel), None),
            language=search.language or None,
            since=now - timedelta(days=days) if days else None,
        ),
    )


def period_choices() -> list[tuple[str, str]]:
    """(key, words) of every period."""
    return [(key, str(words)) for key, words in _PERIOD_WORDS.items()]


def shown_words(text: str | None, query: Query) -> Markup:
    """The beginning of a text, or the piece of it where the words that were asked for stand, marked."""
    found = spans(text or "", query)
    piece = excerpt(text or "", found, limit=SHOWN)
    html = mark(piece.text, [Mark(start, end, "plain") for start, end in piece.spans])
    before, after = "…" if piece.cut_before else "", "…" if piece.cut_after else ""
    return Markup("{}{}{}").format(before, html, after)
