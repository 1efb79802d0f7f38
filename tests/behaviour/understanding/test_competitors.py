"""Names of competitors: kept by page's service and by command, heard in the next feedback, on both databases."""

from __future__ import annotations

from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select

from voc.cli import cli
from voc.core.errors import Forbidden, Invalid
from voc.core.vocabulary import RoleName, Stance
from voc.model import Analysis, AuditEntry, Feedback
from voc.pipeline.competitors import competitors, save_competitors
from voc.security.access import SYSTEM, Actor

AGENT = Actor(user_id=None, role=RoleName.AGENT, team_ids=frozenset(), name="agent")


def save(house: Any, *names: str, actor: Actor = SYSTEM) -> list[str]:
    with house.runtime.db.writing() as session:
        return save_competitors(session, names, actor=actor, now=house.runtime.clock())


def stored(house: Any) -> list[str]:
    with house.runtime.db.reading() as session:
        return competitors(session)


def test_a_new_house_has_none_and_keeps_what_is_typed(house: Any) -> None:
    assert stored(house) == []
    assert save(house, " Tiendas  Ágora ", "", "OI", "OI") == ["Tiendas Ágora", "OI"]
    save(house, "Tiendas Ágora", "OI")
    assert stored(house) == ["Tiendas Ágora", "OI"]
    with house.runtime.db.reading() as session:
        entries = session.scalars(select(AuditEntry).where(AuditEntry.action == "competitors.saved")).all()
    assert [entry.data for entry in entries] == [{"count": 2}]
    assert save(house) == []


@pytest.mark.parametrize("names", [["!"], ["x" * 81], [f"shop {number}" for number in range(201)], ["a", "🙂"]])
def test_what_is_no_name_changes_nothing(house: Any, names: list[str]) -> None:
    save(house, "Tiendas Ágora")
    with pytest.raises(Invalid):
        save(house, *names)
    assert stored(house) == ["Tiendas Ágora"]


def test_only_who_may_edit_topics(house: Any) -> None:
    with pytest.raises(Forbidden):
        save(house, "Ágora", actor=AGENT)


def test_the_next_feedback_follows(house: Any) -> None:
    before = house.say("Fui a Tiendas Ágora y pagué la mitad.", 9)
    save(house, "Tiendas Ágora")
    after = house.say("Ayer fui a tiendas agora y pagué la mitad.", 9)
    better = house.say("Ustedes son mejores que Tiendas Ágora.", 9)
    assert [risks(house, found) for found in (before, after, better)] == [[], ["leaving"], []]
    assert house.get(Feedback, after).stance is Stance.DETRACTOR
    assert house.get(Feedback, before).stance is house.get(Feedback, better).stance is Stance.PROMOTER
    house.proved()


def risks(house: Any, feedback_id: Any) -> list[str]:
    result = house.get(Analysis, house.get(Feedback, feedback_id).analysis_id).result
    return [risk["kind"] for risk in result["risks"]]


def test_the_command(house: Any) -> None:
    settings = house.runtime.settings
    environment = {"VOC_INSTANCE": str(settings.instance), "VOC_DATABASE_URL": settings.database_url or ""}

    def voc(*arguments: str) -> Result:
        return CliRunner().invoke(cli, ["competitors", *arguments], env=environment)

    assert voc("list").output == ""
    assert voc("add", "Tiendas Ágora", "OI").output == "Tiendas Ágora\nOI\n"
    assert voc("add", "OI").output == "Tiendas Ágora\nOI\n"
    assert voc("remove", "OI", "nobody").output == "Tiendas Ágora\n"
    assert voc("list").output == "Tiendas Ágora\n"
    assert voc("add", "!").exit_code != 0
    assert voc("list").output == "Tiendas Ágora\n"
