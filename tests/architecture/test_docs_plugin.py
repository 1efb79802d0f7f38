"""docs/plugins.md: the channel in one file is taken off the page, dropped into an instance, and used."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from voc.core.settings import Settings
from voc.core.vocabulary import Metric, ReceiptState, Stance
from voc.intake import queries
from voc.intake.channels import add_channel
from voc.intake.forms import check_submission, form_from_dict
from voc.intake.submit import submit
from voc.jobs.engine import Engine
from voc.model import ContactPoint, Feedback
from voc.plugin import Sentiment
from voc.plugin_host.manifest import check_manifest
from voc.runtime import Runtime
from voc.runtime.instance import open_instance

FILE = re.compile(r"`instance/(plugins/[\w/.]+)`\n\n```\w+\n(.*?)```", re.DOTALL)


def write_down(page: str, instance: Path) -> list[str]:
    """Write the files that the page shows; returns their paths."""
    files = FILE.findall(page)
    for path, text in files:
        target = instance / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    return [path for path, _ in files]


@pytest.fixture
def running(house: Any, sqlite_settings: Settings, clock: Any) -> Iterator[Runtime]:
    """A house with the plugin of the page dropped in."""
    paths = write_down(house.page("plugins.md"), sqlite_settings.instance)
    names = ("plugin.toml", "__init__.py", "fixtures.py")
    assert paths == [f"plugins/canteen/{name}" for name in names]
    runtime = open_instance(sqlite_settings, create=False, clock=clock)
    yield runtime
    runtime.close()


def send(runtime: Runtime, identity: str, typed: dict[str, str], robot: str | None = None) -> Any:
    """Fill in the stored form as the page would."""
    with runtime.db.reading() as session:
        channel = queries.form_channel(session, "canteen")
    assert channel is not None
    clean, wrong = check_submission(form_from_dict(channel.form), typed, "es")
    assert wrong == {}
    accepted = submit(
        runtime.writer, runtime.keys, channel_id=channel.id, submission_id=identity,
        form_version=channel.form_version, language="es", values=clean, now=runtime.clock(), robot=robot,
    )  # fmt: skip
    Engine(runtime, worker="test").drain("flow")
    with runtime.db.reading() as session:
        return queries.receipt_by_id(session, accepted.receipt_id)


def test_channel_of_the_page_works(running: Runtime) -> None:
    states = {state.name: state for state in running.host.states}
    assert (states["canteen"].state, states["canteen"].reason) == ("loaded", "")
    with running.db.writing() as session:
        add_channel(
            session, running.host, kind="canteen", name="Comedor central", slug="canteen",
            options={"place": "el comedor central"}, now=running.clock(),
        )  # fmt: skip
    Engine(running, worker="test").drain("flow")
    with running.db.reading() as session:
        channel = queries.form_channel(session, "canteen")
    assert channel is not None
    assert channel.form["title"]["es"] == "¿Qué tal estuvo el comedor central?"

    bad = send(running, "one", {"score": "1", "text": "La sopa estaba fría", "email": "ana@example.com"})
    assert bad.state is ReceiptState.READ
    assert send(running, "two", {"text": "?"}).state is ReceiptState.IGNORED
    assert send(running, "three", {"score": "5"}, robot="filled in a trap").state is ReceiptState.ROBOT
    with running.db.reading() as session:
        feedback = session.scalars(select(Feedback)).one()
        contact = session.scalars(select(ContactPoint)).one()
    assert (feedback.metric, feedback.score, feedback.stance) == (Metric.CSAT, 1, Stance.DETRACTOR)
    assert (feedback.text, feedback.unit) == ("La sopa estaba fría", "el comedor central")
    assert contact.email == "ana@example.com"
    assert feedback.case_id is not None


def test_form_of_the_page_is_checked_by_the_host(running: Runtime) -> None:
    with running.db.writing() as session:
        add_channel(session, running.host, kind="canteen", name="C", slug="canteen", options={}, now=running.clock())
    Engine(running, worker="test").drain("flow")
    with running.db.reading() as session:
        channel = queries.form_channel(session, "canteen")
    assert channel is not None
    form = form_from_dict(channel.form)
    assert set(check_submission(form, {}, "es")[1]) == {"score"}
    assert set(check_submission(form, {"score": "6", "email": "ana"}, "es")[1]) == {"score", "email"}


def test_manifest_of_the_page_says_all_that_can_be_said(house: Any) -> None:
    page = house.page("plugins.md")
    text = dict(FILE.findall(page))["plugins/canteen/plugin.toml"]
    check_manifest(tomllib.loads(text))
    for key in ("name", "contract", "title", "description", "kinds", "analyzers", "capabilities", "isolation", "texts"):
        assert f"`{key}`" in page


def test_analyzer_on_the_page_of_hooks_works(house: Any) -> None:
    blocks = re.findall(r"```python\n(.*?)```", house.page("hooks.md"), re.DOTALL)
    code = next(block for block in blocks if "voc_analyzers" in block)
    space: dict[str, Any] = {}
    exec(compile(code, "hooks.md", "exec"), space)
    (analyzer,) = space["voc_analyzers"]()
    assert analyzer.analyze("ESTO NO PUEDE SER", "es").label == "negative"
    assert analyzer.analyze("bien", "es") == Sentiment("unknown", None, 0.0)
