"""The kit holds plugins to its rules: every rule has a plugin that breaks it, and breaks nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.gallery.assemble import assembled, wrong_ones
from voc.cli.checking import host_says
from voc.testkit import LEVELS, RULES, reached, run
from voc.testkit.plugin import Located, load
from voc.testkit.rule import rule
from voc.testkit.running import run_rule, subjects, wanted

GOOD = ("good", "good_analyzer", "good_exporter", "good_schedule")


@pytest.fixture
def at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where plugins are put together; what one of them leaves in the environment is taken away again."""
    monkeypatch.setenv("BAD_WAS_HERE", "")
    return tmp_path


def broken(name: str, at: Path, *, off: tuple[str, ...]) -> list[str]:
    """The rules that a plugin of the gallery breaks when some are switched off."""
    outcomes = run(Located.of(assembled(name, at)), off=off)
    return [outcome.rule for outcome in outcomes if outcome.state == "broken"]


def test_every_rule_has_a_plugin_that_breaks_it() -> None:
    assert wrong_ones() == sorted(RULES)


@pytest.mark.slow
@pytest.mark.parametrize("name", GOOD)
def test_the_good_one_is_gold_and_leaves_nothing_out(name: str, at: Path) -> None:
    outcomes = list(run(Located.of(assembled(name, at))))
    assert [outcome.sentence for outcome in outcomes if outcome.state != "kept"] == []
    assert reached(outcomes) == "gold"


def test_the_good_ones_meet_every_rule(at: Path) -> None:
    met = {item.id for name in GOOD for found in subjects(Located.of(assembled(name, at))) for item in wanted(found)}
    assert met == set(RULES)


# The kit waits seconds for these.
PATIENT = ("silence", "silence-sending", "flood", "time-limit")


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.slow) if name in PATIENT else name for name in sorted(RULES)]
)
def test_the_wrong_one_is_named(name: str, at: Path) -> None:
    (subject,) = subjects(Located.of(assembled(name, at)))
    outcome = run_rule(RULES[name], subject)
    subject.parsers.close()
    assert (outcome.rule, outcome.state, outcome.hung) == (name, "broken", False), outcome
    assert outcome.text
    assert outcome.where
    assert outcome.sentence.endswith(RULES[name].mend)


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(set(RULES) - {"loads"}))
def test_with_its_rule_switched_off_the_wrong_one_passes(name: str, at: Path) -> None:
    """Otherwise it would be some other rule that finds it, and this one were not tested. What cannot be loaded cannot
    be tested further, so `loads` is left out here."""
    assert broken(name, at, off=(name,)) == []


def test_the_host_and_the_kit_agree_on_what_can_be_loaded(at: Path) -> None:
    for name in (*GOOD, *wrong_ones()):
        folder = assembled(name, at)
        assert bool(host_says(folder, "")) == bool(load(Located.of(folder)).trouble), name


def test_every_rule_says_what_it_is_and_how_to_mend_it() -> None:
    for found in RULES.values():
        assert found.title.endswith(".")
        assert found.mend.endswith(".")
        assert found.level in LEVELS
        assert (found.check.__doc__ or "").endswith(".")
    with pytest.raises(ValueError, match="there cannot be a rule"):
        rule("loads", "bronze", "Twice.", mend="Never.")(print)
    with pytest.raises(ValueError, match="there cannot be a rule"):
        rule("No Name", "bronze", "Twice.", mend="Never.")(print)
