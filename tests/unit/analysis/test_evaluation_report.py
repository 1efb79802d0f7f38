"""What is counted of an evaluation, its rows and means, the worst mistakes, and how it is written."""

from __future__ import annotations

import json
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voc.analysis.evaluation.reading import Example
from voc.analysis.evaluation.report import Report, Row, report
from voc.analysis.evaluation.tally import Evaluation
from voc.analysis.evaluation.writing import written
from voc.analysis.result import Analysis, Feeling, Opinion

LABELS = ("negative", "neutral", "positive")


def said(
    label: Any, probability: float | None = 0.9, *, language: str | None = "es", topics: tuple[str, ...] = ()
) -> Analysis:
    feeling = Feeling(label, None if label == "unknown" else probability, 0.0)
    opinions = tuple(Opinion(topic, label, probability, 0, 1) for topic in topics)
    return Analysis(language, 0.9, feeling, opinions, (), "normal", (), "judge", "7", (), False)


def text(label: str | None, source: str = "one", language: str = "es", topics: frozenset[str] | None = None) -> Example:
    return Example("a text", language, label, topics, source)


def rows(found: Report) -> dict[tuple[str, str, str], Row]:
    return {(row.language, row.kind, row.source): row for row in found.rows}


def test_all_each_source_and_their_mean() -> None:
    evaluation = Evaluation()
    for _ in range(3):
        evaluation.add(text("negative", "many"), said("negative"))
    evaluation.add(text("negative", "few"), said("positive"))
    found = rows(report(evaluation))
    assert list(found) == [("es", "all", ""), ("es", "source", "few"), ("es", "source", "many"), ("es", "mean", "")]
    accuracy = [row.figures["accuracy"] for row in found.values()]
    assert accuracy == [0.75, 0.0, 1.0, 0.5], "every source counts the same in the mean"
    assert [row.n for row in found.values()] == [4, 1, 3, 4]


def test_one_source_is_not_shown_twice() -> None:
    evaluation = Evaluation()
    evaluation.add(text("neutral"), said("neutral"))
    assert list(rows(report(evaluation))) == [("es", "all", "one")]


def test_languages_in_our_order_and_what_is_right_for_others() -> None:
    evaluation = Evaluation()
    for language, told in (("und", None), ("en", "en"), ("de", None), ("ca", "es"), ("pt", None), ("es", "es")):
        evaluation.add(text(None, language=language), said("unknown", language=told))
    found = report(evaluation).rows
    assert [row.language for row in found] == ["es", "pt", "en", "ca", "de", "und"]
    assert [row.figures["language_accuracy"] for row in found] == [1, 0, 1, 0, 1, 1]
    assert all(row.n == 0 and row.figures["accuracy"] is None for row in found)


def test_topics_by_hand() -> None:
    evaluation = Evaluation()
    evaluation.add(text(None, topics=frozenset({"price", "staff"})), said("unknown", topics=("price", "app", "price")))
    evaluation.add(text(None, topics=frozenset({"app"})), said("unknown", topics=("app",)))
    evaluation.add(text("negative"), said("negative", topics=("price",)))
    # Two found, one wrong, one missed; the third text says nothing of topics.
    assert report(evaluation).rows[0].figures["topics_micro_f1"] == pytest.approx(4 / 6)


def test_unknown_is_wrong_and_promises_nothing() -> None:
    evaluation = Evaluation(worst=5)
    evaluation.add(text("negative"), said("unknown"))
    evaluation.add(text("negative"), said("negative", 1.0))
    found = report(evaluation)
    figures = found.rows[0].figures
    assert (figures["accuracy"], figures["unknown"], figures["ece"], found.worst) == (0.5, 0.5, 0.0, ())


@given(st.lists(st.sampled_from([0.5, 0.7, 0.9]), max_size=12), st.integers(0, 5))
def test_worst_are_the_surest_in_the_order_they_came(sure: list[float], kept: int) -> None:
    evaluation = Evaluation(worst=kept)
    for index, probability in enumerate(sure):
        evaluation.add(Example(str(index), "es", "negative", None, "s"), said("positive", probability))
        evaluation.add(text("negative"), said("negative", 1.0))
    wanted = sorted(enumerate(sure), key=lambda pair: (-pair[1], pair[0]))[:kept]
    assert [int(mistake.example.text) for mistake in evaluation.worst] == [index for index, _ in wanted]


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["es", "en", "de"]),
            st.sampled_from(["a", "b"]),
            st.sampled_from([*LABELS, None]),
            st.sampled_from([*LABELS, "unknown"]),
            st.sampled_from([0.0, 0.45, 0.8, 1.0]),
        ),
        max_size=30,
    ),
    st.randoms(use_true_random=False),
)
def test_figures_are_shares_within_their_intervals_in_any_order(answers: list[Any], random: Random) -> None:
    shuffled = list(answers)
    random.shuffle(shuffled)
    found = []
    for order in (answers, shuffled):
        evaluation = Evaluation()
        for language, source, label, answer, probability in order:
            evaluation.add(text(label, source, language), said(answer, probability))
        found.append(report(evaluation))
    for row in found[0].rows:
        assert all(value is None or 0 <= value <= 1 for value in row.figures.values())
        assert all(around is None or 0 <= around[0] <= around[1] <= 1 for around in row.intervals.values())
    assert found[0].to_dict() == found[1].to_dict()


def test_written_for_people_and_programs() -> None:
    evaluation = Evaluation(worst=1)
    evaluation.add(Example("uno | dos\x1b[31m\ntres", "es", "negative", None, "a|b"), said("positive", 0.83))
    evaluation.add(text("negative", "z"), said("negative"))
    found = report(evaluation)
    plain, page = written(found, "text"), written(found, "markdown")
    assert "\x1b" not in plain + page
    assert "positive 0.83, is negative: uno | dos [31m tres" in plain
    table = [line for line in page.splitlines() if line.startswith("|")]
    assert {line.replace("\\|", "").count("|") for line in table} == {table[1].count("|")}
    assert "topics F1" not in plain, "a column of nothing is left out"
    assert "judge 7" in plain
    data = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert data["rows"][0]["macro_f1_low"] <= data["rows"][0]["macro_f1"] <= data["rows"][0]["macro_f1_high"]
    assert data["worst"][0] == {
        "text": "uno | dos\x1b[31m\ntres", "lang": "es", "source": "a|b", "label": "negative", "answer": "positive",
        "probability": 0.83,
    }  # fmt: skip


def test_nothing_counted_is_an_empty_table() -> None:
    assert written(report(Evaluation()), "text").startswith("language")
