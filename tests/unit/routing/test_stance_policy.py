"""The stance policy and how much somebody is hurt: pure rules, as tables and as properties."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voc.core.vocabulary import SCALES, Metric, Priority, Stance
from voc.routing.severity import hurt, priority
from voc.routing.stance import DEFAULT, Facts, RiskWord, decide, of_score

LABELS = st.sampled_from([None, "unknown", "negative", "neutral", "positive"])
RISKS = st.lists(
    st.builds(RiskWord, st.sampled_from(["legal", "safety", "fraud", "leaving"]), st.just(0), st.just(3)), max_size=2
).map(tuple)


@st.composite
def facts(draw: st.DrawFn) -> Facts:
    metric = draw(st.sampled_from([None, *Metric]))
    score = None if metric is None else draw(st.integers(*SCALES[metric]))
    label = draw(LABELS)
    probability = draw(st.floats(0, 1)) if label in ("negative", "neutral", "positive") else None
    return Facts(metric, score, label, probability, draw(RISKS))


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
    if given_facts.risks:
        assert decide(given_facts).stance is Stance.DETRACTOR


@given(facts())
def test_text_never_makes_a_score_better(given_facts: Facts) -> None:
    order = [Stance.DETRACTOR, Stance.PASSIVE, Stance.PROMOTER]
    if given_facts.metric is not None and given_facts.score is not None:
        alone = of_score(given_facts.metric, given_facts.score)
        assert order.index(decide(given_facts).stance) <= order.index(alone)


@given(facts())
def test_unknown_only_without_score_risk_and_ground(given_facts: Facts) -> None:
    unsure = given_facts.probability is None or given_facts.probability < DEFAULT.threshold
    expected = given_facts.metric is None and not given_facts.risks and unsure
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
        worse = Facts(
            given_facts.metric, given_facts.score - 1, given_facts.label, given_facts.probability, given_facts.risks
        )
        assert hurt(worse) >= level


@given(facts())
def test_danger_is_urgent(given_facts: Facts) -> None:
    if any(risk.kind == "safety" for risk in given_facts.risks):
        assert priority(given_facts) is Priority.URGENT
