"""The demo has a week that went wrong: its orders stand out, and so does the app afterwards. Nothing else does."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import NAMESPACE_OID, UUID, uuid5

from voc.analysis.keyphrases import keyphrases
from voc.insights.emerging.counting import SaidRow, count
from voc.insights.emerging.finding import findings
from voc.insights.emerging.names import words_of
from voc.runtime.demo.reading import read_demo

TODAY = date(2026, 3, 4)
SINCE = TODAY - timedelta(days=90)


def demo_rows() -> list[SaidRow]:
    rows = []
    for voice in read_demo().voices:
        day = TODAY - timedelta(days=int(voice.hours_ago // 24))
        phrases = keyphrases(voice.text or "", voice.language or "", name=voice.name)
        if phrases and day >= SINCE and voice.robot is None:
            key = uuid5(NAMESPACE_OID, voice.key)
            door = uuid5(NAMESPACE_OID, voice.door)
            rows.append(SaidRow(key, day, door, voice.language or "", key, False, "\n".join(phrases)))
    return sorted(rows, key=lambda row: (row.day, row.feedback_id))


def test_the_week_that_went_wrong_is_found() -> None:
    rows = demo_rows()
    counts = count(lambda: rows, SINCE)
    names = [words_of("Aurora"), words_of("Almacenes Aurora")]
    found = findings(counts, SINCE, TODAY, names, lambda first: [r for r in rows if r.day >= first], most=28)
    said: dict[str, list[tuple[date, set[UUID]]]] = {}
    for day, (tested, items) in found.items():
        assert tested > 0
        for item in items:
            said.setdefault(item.phrases[0], []).append((day, set(item.doors)))
    assert set(said) == {"pedido", "app"}
    wrong = [day for day, _ in said["pedido"]]
    assert min(wrong) >= TODAY - timedelta(days=24)
    assert max(wrong) <= TODAY - timedelta(days=14)
    assert max(len(doors) for _, doors in said["pedido"]) > 1
    assert min(day for day, _ in said["app"]) > max(wrong)
