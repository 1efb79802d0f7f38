"""What is felt where a topic is spoken of: a clause that leans follows its lean in a text that is glad or unhappy."""

from __future__ import annotations

import pytest

from voc.analysis.around import LEANING, felt
from voc.analysis.result import UNKNOWN, Feeling

UNHAPPY = Feeling("negative", 0.8, -0.7, 0.8)
GLAD = Feeling("positive", 0.8, 0.7, 0.1)
CALM = Feeling("neutral", 0.8, 0.0, 0.1)


def leaning(bad: float, good: float) -> Feeling:
    """A clause that is judged neutral, with these chances of the other two."""
    return Feeling("neutral", round(1 - bad - good, 4), round(good - bad, 4), bad)


@pytest.mark.parametrize("text", [UNHAPPY, GLAD])
def test_a_clause_that_leans_follows_its_lean(text: Feeling) -> None:
    bad = felt(leaning(0.4, 0.1), text)
    good = felt(leaning(0.1, 0.4), text)
    assert (bad.label, good.label) == ("negative", "positive")
    assert bad.polarity == -good.polarity < 0
    # Still a probability: the three add up to one, and that of the label is the largest.
    assert bad.probability is not None
    assert bad.negative == bad.probability > 0.5


def test_what_hardly_leans_stays_neutral() -> None:
    clause = leaning(0.08, 0.05)
    assert felt(clause, UNHAPPY) is clause


@pytest.mark.parametrize("text", [CALM, UNKNOWN])
def test_in_a_neutral_text_a_clause_stays_as_it_was_judged(text: Feeling) -> None:
    clause = leaning(0.45, 0.05)
    assert felt(clause, text) is clause


def test_a_clause_that_was_judged_good_or_bad_is_left_alone() -> None:
    assert felt(GLAD, UNHAPPY) is GLAD
    assert felt(UNHAPPY, GLAD) is UNHAPPY


def test_without_ground_of_its_own_a_clause_is_as_its_text() -> None:
    assert felt(UNKNOWN, UNHAPPY) is UNHAPPY
    assert felt(UNKNOWN, CALM) is UNKNOWN
    assert felt(UNKNOWN, UNKNOWN) is UNKNOWN


def test_an_analyzer_that_tells_no_chance_of_negative_is_taken_at_its_word() -> None:
    clause = Feeling("neutral", 0.4, -0.3)
    assert felt(clause, UNHAPPY) is clause


def test_it_turns_where_the_odds_say_so() -> None:
    """As often neutral as `exp(LEANING)` times the larger of the others: there it turns."""
    assert LEANING == 1.5
    assert felt(leaning(0.17, 0.05), UNHAPPY).label == "neutral"
    assert felt(leaning(0.18, 0.05), UNHAPPY).label == "negative"
