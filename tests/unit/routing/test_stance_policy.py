"""The stance policy and how much somebody is hurt: pure rules, as tables and as properties."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voc.analysis.result import RISK_KINDS
from voc.core.vocabulary import SCALES, Metric, Priority, Stance
from voc.routing.severity import hurt, priority
from voc.routing.stance import DEFAULT, POLICIES, Facts, RiskWord, decide, of_score

LABELS = st.sampled_from([None, "unknown", "negative", "neutral", "positive"])
RISKS = st.lists(st.builds(RiskWord, st.sampled_from(RISK_KINDS), st.just(0), st.just(3)), max_size=3).map(tuple)
# Kinds that make a detractor whatever the score and the text; illness only where the text does not read well.
GRAVE = {"legal", "safety", "fraud", "leaving", "authority"}
WORSE = ["repeat", "vulnerable", "public", "deadline"]


@st.composite
def facts(draw: st.DrawFn) -> Facts:
    metric = draw(st.sampled_from([None, *Metric]))
    score = None if metric is None else draw(st.integers(*SCALES[metric]))
    label = draw(LABELS)
    probability = draw(st.floats(0, 1)) if label in ("negative", "neutral", "positive") else None
    urgency = draw(st.sampled_from([None, "low", "normal", "high"]))
    reach = draw(st.sampled_from([None, 0, 9_999, 10_000, 2_000_000]))
    return Facts(metric, score, label, probability, draw(RISKS), urgency, reach)


def alarming(given_facts: Facts) -> bool:
    """Whether one of the risks makes a detractor, said once more."""
    reads_well = given_facts.label in ("neutral", "positive") and (given_facts.probability or 0) >= DEFAULT.threshold
    kinds = {risk.kind for risk in given_facts.risks}
    return bool(kinds & GRAVE) or ("health" in kinds and not reads_well)


@pytest.mark.parametrize(
    ("metric", "bands"),
    [
        (Metric.NPS, "ddddddd" + "pp" + "PP"),
        (Metric.CSAT, "dd" + "pp" + "P"),
        (Metric.STARS, "dd" + "pp" + "P"),
        (Metric.CES, "ddd" + "pp" + "PP"),
    ],
)
def test_bands(metric: Metric, bands: str) -> None:
    low, high = SCALES[metric]
    words = {"d": Stance.DETRACTOR, "p": Stance.PASSIVE, "P": Stance.PROMOTER}
    assert [of_score(metric, score) for score in range(low, high + 1)] == [words[letter] for letter in bands]
    for outside in (low - 1, high + 1):
        with pytest.raises(ValueError, match="goes from"):
            of_score(metric, outside)


@given(facts())
def test_risk_words_make_a_detractor_whatever_the_score(given_facts: Facts) -> None:
    if alarming(given_facts):
        assert decide(given_facts).stance is Stance.DETRACTOR


@given(facts())
def test_other_risks_change_no_stance(given_facts: Facts) -> None:
    kept = tuple(risk for risk in given_facts.risks if risk.kind not in WORSE)
    assert decide(replace(given_facts, risks=kept, urgency=None, reach=None)) == decide(given_facts)


@pytest.mark.parametrize("kind", WORSE)
def test_what_makes_it_worse_counts_for_the_hurt_only(kind: str) -> None:
    risks = (RiskWord(kind, 0, 3),)
    happy = Facts(Metric.NPS, 10, "positive", 0.9, risks)
    assert (hurt(happy), priority(happy), decide(happy).stance) == (0, Priority.LOW, Stance.PROMOTER)
    sad = Facts(Metric.NPS, 3, "negative", 0.7)
    assert hurt(replace(sad, risks=risks)) == hurt(sad) + 1


def test_a_large_public_counts_as_public() -> None:
    sad = Facts(Metric.NPS, 3, "negative", 0.7)
    assert hurt(replace(sad, reach=10_000)) == hurt(sad) + 1
    assert hurt(replace(sad, reach=9_999)) == hurt(sad)
    both = replace(sad, reach=10_000, risks=(RiskWord("public", 0, 3),))
    assert hurt(both) == hurt(sad) + 1


def test_who_is_hurt_and_cannot_wait_goes_first() -> None:
    sad = Facts(Metric.NPS, 5, "negative", 0.7)
    assert priority(sad) is Priority.NORMAL
    assert priority(replace(sad, urgency="high")) is Priority.HIGH
    happy = Facts(Metric.NPS, 10, "positive", 0.9, (), "high")
    assert priority(happy) is Priority.LOW


def test_a_plain_question_about_an_allergy_is_no_detractor() -> None:
    risks = (RiskWord("health", 0, 3),)
    assert decide(Facts(None, None, "neutral", 0.8, risks)).stance is Stance.PASSIVE
    assert decide(Facts(None, None, "unknown", None, risks)).stance is Stance.DETRACTOR
    assert decide(Facts(Metric.NPS, 9, "negative", 0.9, risks)).stance is Stance.DETRACTOR


def test_old_decisions_follow_the_policy_of_their_day() -> None:
    facts_then = Facts(None, None, "unknown", None, (RiskWord("authority", 0, 3), RiskWord("health", 4, 7)))
    assert decide(facts_then, POLICIES["default-1"]).stance is Stance.UNKNOWN
    assert decide(facts_then, POLICIES["default-2"]).stance is Stance.DETRACTOR
    doubtful = Facts(None, None, "neutral", 0.55, (), negative=0.42)
    assert decide(doubtful, POLICIES["default-2"]).stance is Stance.PASSIVE
    assert decide(doubtful, POLICIES["default-3"]).stance is Stance.DETRACTOR
    assert POLICIES[DEFAULT.name] is DEFAULT


@given(facts())
def test_text_never_makes_a_score_better(given_facts: Facts) -> None:
    order = [Stance.DETRACTOR, Stance.PASSIVE, Stance.PROMOTER]
    if given_facts.metric is not None and given_facts.score is not None:
        alone = of_score(given_facts.metric, given_facts.score)
        assert order.index(decide(given_facts).stance) <= order.index(alone)


@given(facts())
def test_unknown_only_without_score_risk_and_ground(given_facts: Facts) -> None:
    unsure = given_facts.probability is None or given_facts.probability < DEFAULT.threshold
    expected = given_facts.metric is None and not alarming(given_facts) and unsure
    assert (decide(given_facts).stance is Stance.UNKNOWN) == expected


@given(facts())
def test_every_decision_says_why(given_facts: Facts) -> None:
    decision = decide(given_facts)
    if decision.stance is not Stance.UNKNOWN:
        assert decision.reasons
    assert decision.mixed == any(reason["kind"] == "mixed" for reason in decision.reasons)


def test_zero_is_an_answer() -> None:
    assert decide(Facts(Metric.NPS, 0)).stance is Stance.DETRACTOR
    assert decide(Facts(None, None)).stance is Stance.UNKNOWN


def test_contradiction_keeps_the_worse_and_is_marked() -> None:
    angry = decide(Facts(Metric.NPS, 9, "negative", 0.9))
    assert (angry.stance, angry.mixed) == (Stance.DETRACTOR, True)
    polite = decide(Facts(Metric.NPS, 2, "positive", 0.9))
    assert (polite.stance, polite.mixed) == (Stance.DETRACTOR, True)


@given(facts())
def test_hurt_is_bounded_and_follows_the_score(given_facts: Facts) -> None:
    level = hurt(given_facts)
    assert 0 <= level <= 10
    if given_facts.metric is not None and given_facts.score is not None and given_facts.score > 1:
        worse = replace(given_facts, score=given_facts.score - 1)
        assert hurt(worse) >= level


@given(facts())
def test_danger_is_urgent(given_facts: Facts) -> None:
    if any(risk.kind == "safety" for risk in given_facts.risks):
        assert priority(given_facts) is Priority.URGENT
