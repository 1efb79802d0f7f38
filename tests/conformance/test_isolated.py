"""A plugin in a process of its own keeps the same rules: the contract is the same on both sides of the pipe."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.gallery.assemble import assembled
from voc.cli.checking import located
from voc.plugin_host.host import PluginHost
from voc.plugin_host.isolated.plugin import Bounds
from voc.plugin_host.policy import EVERY, Policy
from voc.testkit.plugin import Located
from voc.testkit.running import run_rule, subjects, wanted
from voc.testkit.subject import Subject

# Here the kit looks through instruments in its own process: its short patience, and what ends a call. A call into
# another process has the host's patience, and is ended with that process.
ELSEWHERE = ("silence", "silence-sending", "cancellation")
CHANNELS = ("email", "mastodon", "survey", "webform", "webhook")


@pytest.fixture
def host(tmp_path: Path) -> Iterator[PluginHost]:
    """A host that runs every plugin in processes of its own, with the good one of the gallery dropped in."""
    assembled("good", tmp_path / "plugins")
    policy = Policy(isolated=frozenset({EVERY}))
    found = PluginHost.load(tmp_path, policy=policy, bounds=Bounds(private="127.0.0.0/8"))
    yield found
    found.close()


def broken(subject: Subject, host: PluginHost) -> list[str]:
    """What the channel breaks when the host's own stand-in for it is asked."""
    found = host.channel(subject.name)
    assert found is not None
    assert type(found[1]) is not subject.kind
    subject.maker = lambda: found[1]
    try:
        outcomes = [run_rule(rule, subject) for rule in wanted(subject, off=ELSEWHERE)]
    finally:
        subject.parsers.close()
    assert len(outcomes) > 30
    return [outcome.sentence for outcome in outcomes if outcome.state == "broken"]


@pytest.mark.slow
def test_the_good_one_keeps_every_rule(host: PluginHost, tmp_path: Path) -> None:
    (subject,) = subjects(Located.of(tmp_path / "plugins" / "good"))
    assert broken(subject, host) == []


@pytest.mark.slow
@pytest.mark.parametrize("name", CHANNELS)
def test_so_do_the_bundled_ones(name: str, host: PluginHost) -> None:
    (subject,) = subjects(located(name))
    assert broken(subject, host) == []
