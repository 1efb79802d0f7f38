"""`voc survey`: whole lists or nothing, the policy's word first, and a list of what there is."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select

from voc.cli import cli
from voc.core.errors import Invalid, NotFound
from voc.core.settings import Settings
from voc.intake.channels import add_channel
from voc.jobs.engine import Engine
from voc.model import Invitation
from voc.runtime import Runtime


@pytest.fixture
def survey(sqlite_runtime: Runtime) -> Runtime:
    with sqlite_runtime.db.writing() as session:
        add_channel(
            session, sqlite_runtime.host, kind="survey", name="Entrega", slug="entrega", options={"metric": "ces"},
            now=sqlite_runtime.clock(),
        )  # fmt: skip
    Engine(sqlite_runtime, worker="test").drain("flow")
    return sqlite_runtime


def voc(settings: Settings, *arguments: str, given: str | None = None) -> Result:
    environment = {"VOC_INSTANCE": str(settings.instance), "VOC_MAIL_FROM": "ayuda@aurora.example"}
    return CliRunner().invoke(cli, ["survey", *arguments], env=environment, input=given)


def addresses(runtime: Runtime) -> list[str]:
    with runtime.db.reading() as session:
        return list(session.scalars(select(Invitation.email).order_by(Invitation.id)))


def test_inviting_from_a_file(survey: Runtime, sqlite_settings: Settings, tmp_path: Path) -> None:
    people = tmp_path / "people.csv"
    people.write_text("\ufeffcorreo;nombre\r\nana@correo.example;Ana\r\neva@correo.example;Eva\r\n", encoding="utf-8")
    looked = voc(sqlite_settings, "invite", "entrega", str(people), "--dry-run")
    assert (looked.exit_code, looked.stdout) == (0, "2 would be invited\n")
    assert addresses(survey) == []
    done = voc(sqlite_settings, "invite", "entrega", str(people))
    assert (done.exit_code, done.stdout) == (0, "2 invited\n")
    assert addresses(survey) == ["ana@correo.example", "eva@correo.example"]


def test_standard_input_and_doubles(survey: Runtime, sqlite_settings: Settings) -> None:
    done = voc(sqlite_settings, "invite", "entrega", "-", given="ana@correo.example\nANA@correo.example\n")
    assert (done.exit_code, done.stdout) == (0, "1 invited\n")
    assert "line 2: ANA@correo.example" in done.stderr
    assert addresses(survey) == ["ana@correo.example"]


def test_a_bad_line_takes_nothing(survey: Runtime, sqlite_settings: Settings) -> None:
    for given in ("ana@correo.example\nhola\n", "", "\n\n"):
        done = voc(sqlite_settings, "invite", "entrega", "-", given=given)
        assert isinstance(done.exception, Invalid)
    assert "line 2: hola" in voc(sqlite_settings, "invite", "entrega", "-", given="ana@correo.example\nhola").stderr
    assert addresses(survey) == []


@pytest.mark.parametrize("slug", ["nothing", "feedback"])
def test_only_a_survey_can_invite(survey: Runtime, sqlite_settings: Settings, slug: str) -> None:
    done = voc(sqlite_settings, "invite", slug, "-", given="ana@correo.example")
    assert isinstance(done.exception, NotFound)


def test_the_list(survey: Runtime, sqlite_settings: Settings) -> None:
    voc(sqlite_settings, "invite", "entrega", "-", given="ana@correo.example")
    listed = voc(sqlite_settings, "list")
    (line,), (titles,) = listed.stdout.splitlines(), listed.stderr.splitlines()
    assert titles.split() == ["SURVEY", "ASKS", "INVITED", "OF", "THEM", "ANSWERS", "NAME"]
    assert titles.index("NAME") == line.index("Entrega")
    assert line.split() == ["entrega", "ces", "1", "0", "0", "Entrega"]
