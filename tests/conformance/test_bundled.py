"""Bundled plugins have no privileges: they are held to the same rules, at the level that they claim."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from voc.cli.checking import located
from voc.testkit import LEVELS, RULES
from voc.testkit.plugin import claimed
from voc.testkit.running import run_rule, subjects, wanted

BUNDLED = (
    "chatroom", "email", "flat_ods", "heartbeat", "mastodon", "shop_card", "survey", "textblob_en", "webform", "webhook"
)  # fmt: skip
# Rules that wait for a silent vendor or start an interpreter; the slow tests run them too.
PATIENT = {"silence", "silence-sending", "identity-restart", "flood", "fetch-flood"}


def test_all_of_them_are_here() -> None:
    folders = (Path(__file__).resolve().parents[2] / "plugins").glob("*/plugin.toml")
    assert sorted(path.parent.name for path in folders) == sorted(BUNDLED)


@pytest.mark.parametrize("name", BUNDLED)
def test_each_claims_silver_at_least(name: str) -> None:
    level = claimed(located(name).folder)
    assert level is not None
    assert LEVELS.index(level) >= LEVELS.index("silver")


@pytest.mark.parametrize("name", BUNDLED)
def test_each_keeps_what_it_claims(name: str) -> None:
    found = located(name)
    level = claimed(found.folder)
    assert level is not None
    for subject in subjects(found):
        outcomes = [run_rule(rule, subject) for rule in wanted(subject, level, off=PATIENT)]
        subject.parsers.close()
        assert [outcome.sentence for outcome in outcomes if outcome.state == "broken"] == []
        assert len(outcomes) > 4


@pytest.mark.parametrize("name", BUNDLED)
def test_what_is_left_out_has_a_reason_and_is_little(name: str) -> None:
    for subject in subjects(located(name)):
        rules = wanted(subject)
        out = [rule.id for rule in rules if {rule.id, *rule.features} & subject.cannot.keys()]
        assert len(out) <= len(rules) / 4, out
        assert all(len(reason.split()) > 3 for reason in subject.cannot.values())


@pytest.mark.slow
@pytest.mark.parametrize("name", BUNDLED)
def test_the_whole_kit(name: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "voc", "plugin", "check", name, "--json"], capture_output=True, timeout=300, check=False
    )
    report: dict[str, Any] = json.loads(done.stdout)
    broken = [item for item in report["rules"] if item["state"] == "broken"]
    assert (broken, done.returncode, report["enough"]) == ([], 0, True)
    assert report["level"] in ("silver", "gold")
    assert {item["rule"] for item in report["rules"]} <= set(RULES)
