"""`voc analysis`: ordering, looking, stopping and going on; learning and taking back."""

from __future__ import annotations

from typing import Any

from click.testing import CliRunner, Result

from tests.behaviour.understanding.test_heads import learnt, sentences, teach
from voc.cli import cli
from voc.core.errors import Invalid, NotFound, VocError
from voc.model import AnalysisRun, TopicHead


def voc(house: Any, *arguments: str) -> Result:
    settings = house.runtime.settings
    environment = {"VOC_INSTANCE": str(settings.instance), "VOC_DATABASE_URL": settings.database_url or ""}
    return CliRunner().invoke(cli, ["analysis", *arguments], env=environment)


def test_ordered_stopped_and_resumed(house: Any) -> None:
    house.say("The zipper broke", 2)
    house.topic("zippers", "zipper*", new=True)
    assert "Nothing was ever understood again." in voc(house, "status").output
    assert isinstance(voc(house, "stop").exception, VocError)
    ordered = voc(house, "redo", "--topics-only", "--since", "2026-01-01")
    assert ordered.exit_code == 0
    (run,) = house.all(AnalysisRun)
    assert (str(run.id), run.topics_only, run.since.isoformat()) == (
        ordered.output.strip(),
        True,
        "2026-01-01T00:00:00+00:00",
    )
    assert "running: topics, 0 of ?, 0 changed" in voc(house, "status").output
    assert "stopped" in voc(house, "stop").output
    assert isinstance(voc(house, "stop").exception, VocError)
    assert "running" in voc(house, "resume").output
    assert isinstance(voc(house, "resume").exception, VocError)
    house.runtime.clock.forward(days=36_500)
    house.work()
    assert "done: topics, 1 of 1, 1 changed" in voc(house, "status").output
    assert voc(house, "redo", "--since", "yesterday").exit_code == 2


def test_learning_and_taking_back(house: Any) -> None:
    assert isinstance(voc(house, "learn").exception, Invalid)
    teach(house)
    assert voc(house, "learn").exit_code == 0
    house.runtime.clock.forward(days=36_500)
    house.work()
    line = voc(house, "heads").stdout.strip()
    assert line.split()[:2] == ["1", "120"]
    assert line.endswith("in use")
    assert voc(house, "step-back").exit_code == 0
    assert voc(house, "heads").stdout.strip().endswith("usable")
    assert isinstance(voc(house, "step-back").exception, VocError)
    assert voc(house, "promote", "1").exit_code == 0
    assert isinstance(voc(house, "promote", "7").exception, NotFound)
    assert voc(house, "promote", "0").exit_code == 2
    house.topic("zippers", "nothing", examples={"en": sentences("zippers", 70)})
    assert learnt(house).number == len(house.all(TopicHead)) == 2


def test_versions_of_a_topic(house: Any) -> None:
    house.topic("zippers", "zipper*", new=True)
    house.topic("zippers", "slider")
    assert [line.split()[0] for line in voc(house, "topic", "zippers").output.splitlines()] == ["2", "1"]
    restored = voc(house, "topic", "zippers", "--restore", "1").output.splitlines()
    assert [line.split()[0] for line in restored] == ["3", "2", "1"]
    assert isinstance(voc(house, "topic", "nothing").exception, NotFound)
    assert isinstance(voc(house, "topic", "zippers", "--restore", "9").exception, NotFound)
