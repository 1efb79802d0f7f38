"""`voc channel reread`: stored receipts under changed code, and nothing is stored."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import func, select

from tests.conftest import worker_of
from tests.doors.postbox import CODE, Box, drop
from voc.app.factory import create_app
from voc.cli import cli
from voc.core.settings import Settings
from voc.db.types import Base
from voc.intake import queries
from voc.intake.channels import add_channel
from voc.model import Feedback, Receipt
from voc.runtime import Runtime
from voc.runtime.instance import open_instance

SECRET = "open-sesame-7731"
READING = '            yield Inbound(reply_to={"box": letter["external_id"]}, **letter)'


class Desk:
    """An instance with a postbox, its author's file, and the command."""

    def __init__(self, settings: Settings, folder: Path) -> None:
        self.settings, self.box = settings, Box(folder)
        self.runtime: Runtime = open_instance(settings, create=False)
        with self.runtime.db.writing() as session:
            add_channel(
                session, self.runtime.host, kind="postbox", name="Post", slug="post", keys=self.runtime.keys,
                options={"folder": str(folder), "password": SECRET}, now=self.runtime.clock(),
            )  # fmt: skip
        self.work = worker_of(self.runtime)

    def receive(self, external_id: str, **letter: Any) -> None:
        self.box.put(external_id, **letter)

    def change(self, old: str, new: str) -> None:
        """The author saves other code."""
        assert old in CODE
        code = self.settings.instance / "plugins" / "postbox" / "__init__.py"
        code.write_text(CODE.replace(old, new), encoding="utf-8")

    def voc(self, *arguments: str) -> Result:
        environment = {"VOC_INSTANCE": str(self.settings.instance)}
        return CliRunner().invoke(cli, ["channel", "reread", *arguments], env=environment)

    def counted(self) -> dict[str, int]:
        """Rows of every table."""
        with self.runtime.db.reading() as session:
            tables = Base.metadata.sorted_tables
            return {
                table.name: session.execute(select(func.count()).select_from(table)).scalar_one() for table in tables
            }

    def newest(self, model: Any) -> Any:
        with self.runtime.db.reading() as session:
            return session.scalars(select(model).order_by(model.id.desc())).first()


@pytest.fixture
def desk(sqlite_settings: Settings, tmp_path: Path) -> Iterator[Desk]:
    drop(sqlite_settings.instance)
    found = Desk(sqlite_settings, tmp_path / "box")
    yield found
    found.runtime.close()


def a_token(desk: Desk) -> str:
    environment = {"VOC_INSTANCE": str(desk.settings.instance)}
    return CliRunner().invoke(cli, ["token", "add", "t", "--scope", "feedback:write"], env=environment).stdout.strip()


def said(desk: Desk, **letter: Any) -> None:
    desk.receive("7", text="La sopa estaba fría", metric="nps", score=0, **letter)
    desk.work()


def test_the_same_code_says_the_same_and_writes_nothing(desk: Desk) -> None:
    said(desk, files=[["nota.txt", "hola"]], author={"name": "Ana", "email": "ana@example.com"})
    before = desk.counted()
    done = desk.voc("post")
    assert (done.exit_code, done.output.count("\n  -"), done.output.count("\n  +")) == (0, 0, 0), done.output
    assert ": the same" in done.output
    for line in ("= state       read", "= text        La sopa estaba fría", "= score       0", '"nota.txt"'):
        assert line in done.output
    assert desk.counted() == before


def test_other_fields_are_marked_on_both_sides(desk: Desk) -> None:
    said(desk)
    desk.change(
        READING,
        READING.replace("yield", "letter['score'] = 3\n            letter['subject'] = 'Sopa'\n            yield"),
    )
    before = desk.counted()
    done = desk.voc("post")
    assert done.exit_code == 0, done.output
    for line in (": changed", "  - score       0", "  + score       3", "  + subject     Sopa", "  = text "):
        assert line in done.output
    assert "- subject" not in done.output
    (found,) = json.loads(desk.voc("post", "--json").stdout)["receipts"]
    assert found["feedback"][0]["fields"]["score"] == {"old": 0, "new": 3, "same": False}
    assert (desk.counted(), desk.newest(Feedback).score) == (before, 0)


@pytest.mark.parametrize(
    ("new", "verdict", "words"),
    [
        (
            "letter['external_id'] = 'x' + letter['external_id']\n            " + READING.strip(),
            "second",
            "second feedback, as x7",
        ),
        ("yield Ignored('not today')", "lost", "would no longer be read in it"),
        ("raise ValueError('there is no letter in it')", "unreadable", "ValueError: there is no letter in it"),
    ],
)
def test_what_must_not_happen_is_loud(desk: Desk, new: str, verdict: str, words: str) -> None:
    said(desk)
    desk.change(READING.strip(), new)
    done = desk.voc("post")
    assert done.exit_code == 1
    assert words in next(line for line in done.output.splitlines() if line.startswith("  ! "))
    assert json.loads(desk.voc("post", "--json").stdout)["verdicts"] == {verdict: 1}


def test_what_is_in_quarantine_shows_its_reason_and_what_it_is_now(desk: Desk) -> None:
    desk.receive("8", text="Tarde", metric="nps")
    desk.work()
    assert desk.newest(Receipt).state.value == "quarantined"
    still = desk.voc("post")
    assert (still.exit_code, ": still cannot be read" in still.output) == (0, True)
    desk.change(READING, READING.replace("yield", "letter.setdefault('score', 0)\n            yield"))
    done = desk.voc("post")
    assert (done.exit_code, ": can be read now" in done.output) == (0, True), done.output
    for line in (
        "- state       quarantined",
        "+ state       read",
        "- reason ",
        "+ text        Tarde",
        "+ score       0",
    ):
        assert line in done.output
    assert desk.newest(Receipt).state.value == "quarantined"


def test_edits_and_repeats_and_robots_are_the_same(desk: Desk) -> None:
    desk.receive("7", text="La sopa estaba fría", metric="nps", score=0)
    desk.receive("7", what="edited", text="Ya está bien", edited_at="2026-03-04T16:00:00+00:00")
    desk.receive("9", what="robot")
    desk.receive("7", text="La sopa estaba fría", metric="nps", score=0, subject="otra vez")
    desk.receive("none", what="edited", text="?", edited_at="2026-03-04T16:00:00+00:00")
    for _ in range(3):
        desk.work()
    done = desk.voc("post", "--json")
    found = json.loads(done.stdout)
    assert done.exit_code == 0
    # What changes something that is not here is tried again for a while.
    assert found["verdicts"] == {"same": 4, "waiting": 1}, done.stdout
    assert any(item["others"] == ["other words for 7"] for item in found["receipts"])


def test_what_it_answers_and_where_it_raised_are_shown(desk: Desk) -> None:
    desk.receive("7", text="Malo", names=["box 7"])
    desk.receive("8", text="Peor", thread=["7", "box 7"])
    desk.work()
    desk.change(READING, READING.replace("**letter", "names=tuple(letter.pop('names', ())), **letter"))
    done = desk.voc("post").output
    assert "+ 8 answers 7, box 7" in done
    assert "+ 7 is also called box 7" in done
    desk.change(READING, "            int('x')")
    done = desk.voc("post", "--last", "1")
    assert "CAN NO LONGER BE READ" in done.stdout
    assert "postbox/__init__.py:" in done.stderr
    assert "int('x')" in done.stderr


def test_one_receipt_and_the_last_ones(desk: Desk) -> None:
    for number in range(4):
        desk.receive(str(number), text=f"Malo {number}")
    for _ in range(3):
        desk.work()
    assert desk.voc("post", "--last", "2").output.count("receipt 0") == 2
    one = desk.voc("post", str(desk.newest(Receipt).id))
    assert (one.exit_code, one.output.count("receipt 0"), "Malo 3" in one.output) == (0, 1, True)
    foreign = desk.voc("post", "018f0000-0000-7000-8000-000000000000")
    assert "there is no receipt" in str(foreign.exception)


def test_code_that_is_not_loaded_says_why_and_where(desk: Desk) -> None:
    said(desk)
    desk.change("class Postbox(Channel):", "class Postbox(Channel:")
    done = desk.voc("post")
    assert done.exit_code == 1
    assert "no loaded plugin reads channels of kind postbox; plugin postbox is quarantined: SyntaxError" in str(
        done.exception
    )
    assert "[postbox/__init__.py:" in str(done.exception)


def test_secrets_do_not_show_and_nothing_moves_the_cursor(desk: Desk) -> None:
    desk.receive("7", text=f"\x1b[2J{SECRET} \u202e fin", subject=SECRET)
    desk.work()
    for arguments in (("post",), ("post", "--json")):
        done = desk.voc(*arguments)
        assert done.exit_code == 0, done.output
        assert SECRET not in done.output
        assert "\x1b" not in done.output
        assert "…" in done.output


def test_what_programs_brought_is_not_read(desk: Desk) -> None:
    bearer = {"Authorization": f"Bearer {a_token(desk)}"}
    create_app(desk.runtime).test_client().post("/api/v1/feedback", json={"text": "Malo"}, headers=bearer)
    with desk.runtime.db.reading() as session:
        (slug,) = (channel.slug for channel in queries.channels(session) if channel.kind == "api")
    assert "not read by a plugin" in str(desk.voc(slug).exception)
