"""The kit as tests of pytest: subclass `ChannelSuite`, name the plugin's folder, and every rule is a test."""

from __future__ import annotations

import unittest
from pathlib import Path
from typing import Any

from voc.testkit.plugin import Located
from voc.testkit.rule import RULES, Level
from voc.testkit.running import planned, run_rule, subjects
from voc.testkit.subject import Subject


class ChannelSuite:
    """Every rule up to `level` that the plugin's capabilities ask for, as one test each.

    class TestAcme(ChannelSuite):
        plugin = Path(acme_chat.__file__).parent

    A rule that fixtures.py or plugin.toml leaves out is skipped with its reason. Where the vendor cannot be had, the
    rule `vendor` fails and those that need it are skipped. The rules run in this process; `voc plugin check` runs them
    in a limited child.
    """

    plugin: Path | str = ""
    level: Level = "silver"
    _subjects: dict[str, list[Subject]] = {}

    @classmethod
    def found(cls) -> list[Subject]:
        """What there is to test, loaded once."""
        key = str(Path(cls.plugin).resolve())
        if key not in ChannelSuite._subjects:
            ChannelSuite._subjects[key] = subjects(Located.of(cls.plugin))
        return ChannelSuite._subjects[key]

    def pytest_generate_tests(self, metafunc: Any) -> None:
        """One test for each rule and kind."""
        if "conformance" in metafunc.fixturenames and self.plugin:
            pairs = [(subject, rule.id) for subject in self.found() for rule in planned(subject, self.level)]
            names = [f"{rule}-{subject.name}" for subject, rule in pairs]
            metafunc.parametrize("conformance", pairs, ids=names)

    def test_rule(self, conformance: Any) -> None:
        """One rule on one kind."""
        subject, name = conformance
        outcome = run_rule(RULES[name], subject)
        if outcome.state in ("skipped", "untried"):
            raise unittest.SkipTest(outcome.text)
        if outcome.state == "broken":
            raise AssertionError(outcome.sentence)
