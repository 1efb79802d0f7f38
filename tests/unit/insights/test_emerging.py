"""From phrases to findings, without a database: under no change next to nothing is found, a planted burst is."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voc.insights.emerging.counting import LEAST_SAID, WHOLE, CellKey, SaidRow, count
from voc.insights.emerging.finding import findings
from voc.insights.emerging.grouping import Grouped, groups
from voc.insights.emerging.looking import Standing, Table, look
from voc.insights.emerging.names import is_name, words_of
from voc.insights.emerging.surprise import LEVEL
from voc.insights.emerging.views import Finding

TODAY = date(2026, 3, 4)
SINCE = TODAY - timedelta(days=90)
DOOR, OTHER = UUID(int=1), UUID(int=2)
# What everybody says all the time: word number i about 1/i as often as the first.
USUAL = [f"word{i}" for i in range(1, 200)]
WEIGHTS = [1 / i for i in range(1, 200)]


def rows_of(days: list[tuple[date, str, bool]], *, language: str = "es") -> list[SaidRow]:
    """One feedback of a person of its own for each (day, phrases, unhappy)."""
    made = [
        SaidRow(UUID(int=10 + number), day, DOOR, language, UUID(int=10 + number), unhappy, phrases)
        for number, (day, phrases, unhappy) in enumerate(days)
    ]
    return sorted(made)


def quiet(chance: random.Random, a_day: int = 30) -> list[tuple[date, str, bool]]:
    """Thirteen weeks in which nothing changes; weekends are slower."""
    days = []
    for number in range(91):
        day = SINCE + timedelta(days=number)
        for _ in range(a_day // 3 if day.weekday() > 4 else a_day):
            words = sorted(set(chance.choices(USUAL, WEIGHTS, k=6)))
            days.append((day, "\n".join(words), chance.random() < 0.3))
    return days


def streamed(rows: list[SaidRow]) -> Callable[[], list[SaidRow]]:
    return lambda: sorted(rows, key=lambda row: (row.day, row.feedback_id))


def found_on(rows: list[SaidRow], day: date = TODAY, names: tuple[str, ...] = ()) -> list[Finding]:
    counts = count(streamed(rows), SINCE)
    found = findings(
        counts,
        SINCE,
        day,
        [words_of(name) for name in names],
        lambda first: [r for r in rows if r.day >= first],
        most=1,
    )
    return found[day][1]


def test_under_no_change_false_discoveries_stay_below_the_level() -> None:
    """When nothing changes every finding is false: a day with any must be as rare as the level says."""
    looks = alarms = 0
    for seed in range(25):
        rows = rows_of(quiet(random.Random(seed), 18))
        table = Table.of(count(streamed(rows), SINCE), SINCE, TODAY, [])
        for back in (0, 8, 16, 24):
            tests, standing = look(table, TODAY - timedelta(days=back))
            assert tests > 20
            looks, alarms = looks + 1, alarms + bool(standing)
    assert alarms / looks <= LEVEL


@pytest.mark.parametrize("seed", range(5))
def test_a_planted_burst_is_found_with_those_who_said_it(seed: int) -> None:
    days = quiet(random.Random(seed))
    days += [(TODAY - timedelta(days=n % 3), "cobro\ncobro doble\ndoble", n % 4 > 0) for n in range(12)]
    found = found_on(rows_of(days))
    assert found[0].phrases == ("cobro doble", "cobro", "doble")
    assert (found[0].n, found[0].people, found[0].unhappy) == (12, 12, 9)
    assert found[0].expected < 1
    assert found[0].level <= LEVEL
    assert found[0].doors == {DOOR: 12}
    assert len(set(found[0].feedback)) == 12


def test_what_is_always_said_is_no_finding_however_much_comes_in() -> None:
    """Three times as much feedback with the same words: the volume grew, nothing emerged."""
    chance = random.Random(7)
    days = quiet(chance)
    busy = [item for item in quiet(chance, 60) if item[0] > TODAY - timedelta(days=7)]
    assert found_on(rows_of(days + busy)) == []


def test_one_loud_person_is_nobody() -> None:
    rows = rows_of(quiet(random.Random(1)))
    loud = [SaidRow(UUID(int=10**9 + n), TODAY, DOOR, "es", UUID(int=5), True, "escandalo") for n in range(40)]
    counts = count(streamed(rows + loud), SINCE)
    assert not [key for key in counts if key.phrase == "escandalo"]
    assert found_on(rows + loud) == []


def test_names_of_the_house_and_its_doors_are_no_findings() -> None:
    days = quiet(random.Random(2)) + [(TODAY, "aurora\ntienda aurora", True)] * 15
    assert found_on(rows_of(days))[0].phrases == ("tienda aurora", "aurora")
    assert not [it for it in found_on(rows_of(days), names=("Aurora",)) if "aurora" in " ".join(it.phrases)]


def test_a_young_house_says_nothing_yet() -> None:
    days = [(TODAY - timedelta(days=n), "pedido", True) for n in range(10) for _ in range(9)]
    assert found_on(rows_of(days + [(TODAY, "cobro", True)] * 20)) == []
    assert found_on([]) == []


def test_languages_do_not_mix() -> None:
    spanish = rows_of(quiet(random.Random(3)))
    far = 10**9
    burst = [
        row._replace(feedback_id=UUID(int=row.feedback_id.int + far), person=UUID(int=row.person.int + far))
        for row in rows_of([(TODAY, "fila", True)] * 10)
    ]
    portuguese = [row._replace(language="pt") for row in burst]
    assert [it.phrases[0] for it in found_on(spanish + burst)][:1] == ["fila"]
    assert not [it for it in found_on(spanish + portuguese) if it.language == "pt"]


@given(
    st.lists(st.tuples(st.integers(0, 5), st.integers(0, 3), st.sets(st.sampled_from("abcd"), min_size=1)), max_size=60)
)
def test_counts_are_those_of_going_through_it_plainly(said: list[tuple[int, int, set[str]]]) -> None:
    rows = [
        SaidRow(UUID(int=n), SINCE + timedelta(days=day), OTHER if day % 2 else DOOR, "es", UUID(int=1000 + who),
                bool(who % 2), "\n".join(sorted(words)))
        for n, (day, who, words) in enumerate(said)
    ]  # fmt: skip
    plain: dict[CellKey, set[UUID]] = {}
    for row in rows:
        for phrase in (WHOLE, *row.phrases.split("\n")):
            plain.setdefault(CellKey(row.day, row.channel_id, "es", phrase), set()).add(row.person)
    totals, people = Counter[str](), dict[str, set[UUID]]()
    for key, who in plain.items():
        totals[key.phrase] += len(who)
        people.setdefault(key.phrase, set()).update(who)
    raw = Counter(phrase for row in rows for phrase in row.phrases.split("\n"))
    kept = {p for p in totals if not p or (raw[p] >= totals[p] >= LEAST_SAID and len(people[p]) >= 3)}
    expected = {key: (len(who), sum(p.int % 2 for p in who)) for key, who in plain.items() if key.phrase in kept}
    assert count(streamed(rows), SINCE) == expected


def standing(phrase: str, chance: float, n: int, ids: set[int]) -> Grouped:
    return Grouped(Standing("es", phrase, 7, n, 0.1, chance, 0.01), frozenset(map(UUID, [f"{i:032x}" for i in ids])))


def test_groups_join_parts_plurals_and_the_same_people() -> None:
    made = groups(
        [
            standing("app", 1e-5, 10, set(range(10))),
            standing("cierra", 1e-4, 6, set(range(6))),
            standing("pedido", 1e-6, 8, set(range(50, 58))),
            standing("pedidos", 1e-3, 4, set(range(60, 64))),
            standing("mi pedido", 1e-3, 7, set(range(50, 57))),
        ]
    )
    assert [[item.standing.phrase for item in group] for group in made] == [
        ["mi pedido", "pedido", "pedidos"],
        ["app", "cierra"],
    ]
    assert groups([]) == []


@pytest.mark.parametrize(
    ("phrase", "name", "is_one"),
    [
        ("aurora", "Aurora", True),
        ("tienda aurora", "Aurora", True),
        ("tienda lima", "Tienda Lima Centro", True),
        ("lima", "Tienda Lima Centro", False),
        ("auroras", "Aurora", False),
        ("pedido", "", False),
    ],
)
def test_a_name_is_a_name_as_a_whole(phrase: str, name: str, is_one: bool) -> None:
    assert is_name(phrase, [words_of(name)]) is is_one


def test_findings_survive_being_kept() -> None:
    found = Finding("pt", ("fila",), 1, 5, 0.25, 1e-9, 0.01, 6, 2, {DOOR: 4, OTHER: 2}, (UUID(int=9),))
    assert Finding.from_dict(found.to_dict()) == found
