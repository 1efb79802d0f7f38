"""`voc verify` on a house in good order: nothing is found, also beside a working server, and as a command."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, select

from voc.cases.answer import answer
from voc.cases.assign import assign
from voc.core.errors import Conflict, Invalid
from voc.core.settings import Settings
from voc.core.vocabulary import CaseState, RoleName
from voc.db.types import word
from voc.intake.submit import submit
from voc.jobs.engine import Engine
from voc.model import Case, Channel, Judgement, Obligation, Work
from voc.pipeline import verify
from voc.pipeline.reconcile import reconcile
from voc.pipeline.verify.check import rules
from voc.pipeline.verify.report import LEFT_BEHIND, TITLES
from voc.pipeline.verify.threads.history import KINDS
from voc.runtime import Runtime
from voc.runtime.instance import open_instance
from voc.security import queries as people
from voc.security import users

ROOT = Path(__file__).resolve().parents[3]
FAMILIES = ("reference.", "word.")
SAID = ("Pésima atención", "Fui ayer a la tienda", "Todo bien", "The staff was rude", "Llegó tarde")


def test_history_is_whole(past: Any) -> None:
    report = verify.verify(past.runtime, now=past.now())
    assert report.findings == ()
    assert report.ok
    assert report.left_behind == 0
    assert report.looked_at == {"receipts": 25, "feedback": 22, "promises": 15, "cases": 14}
    assert report.waiting["to_judge"] == 2
    assert report.waiting["receipts_in_quarantine"] == 1
    assert report.waiting["work_in_quarantine"] == 1


def test_status_page_sees_the_same(past: Any, torn: Any) -> None:
    with past.runtime.db.reading() as session:
        proof = verify.summary(session, past.now())
    assert proof == [(title, True, 0) for name, title in TITLES.items() if name != "integrity"]
    torn.tear("DELETE FROM obligation WHERE state = 'open'", 'UPDATE "case" SET next_due_at = NULL')
    with torn.reading() as session:
        broken = {title: count for title, ok, count in verify.summary(session, past.now()) if not ok}
    assert broken[TITLES["I4"]] > 0
    assert broken[TITLES["I5"]] > 0
    assert broken[TITLES["I6"]] > 0


def test_report_as_json_and_as_lines(torn: Any) -> None:
    torn.tear("DELETE FROM judgement WHERE decided_at IS NULL")
    report = torn.look()
    data = json.loads(json.dumps(report.to_dict()))
    assert data["ok"] is False
    assert data["left_behind"] == 2
    assert list(data["invariants"]) == list(TITLES)
    assert data["invariants"]["I1"] == {"title": TITLES["I1"], "ok": True, "holes": 0}
    assert data["invariants"]["I4"]["ok"] is False
    assert {"I4": "unknown.unasked"}.items() <= {f["invariant"]: f["check"] for f in data["findings"]}.items()
    lines = report.lines()
    assert lines[-1] == "2 people left behind"
    assert any(line.startswith("I1 ") and line.endswith(" ok") for line in lines)


def test_unknown_check_is_refused(past: Any) -> None:
    with pytest.raises(Invalid):
        verify.verify(past.runtime, now=past.now(), only=["no.such"])


def submitted(runtime: Runtime, number: int) -> None:
    """A form, filled in."""
    with runtime.db.reading() as session:
        channel = session.scalars(select(Channel.id).where(Channel.slug == "feedback")).one()
    submit(
        runtime.writer,
        runtime.keys,
        channel_id=channel,
        submission_id=f"s-{number}",
        form_version=1,
        language="es",
        values={"text": SAID[number % len(SAID)], "score": number % 11},
        now=runtime.clock(),
    )


@contextmanager
def busy(runtime: Runtime) -> Iterator[None]:
    """Customers, agents and the worker, all at once, until the block ends."""
    stop, engine = threading.Event(), Engine(runtime, worker="busy")
    runtime.wake = engine.wake
    with runtime.db.writing() as session:
        agent_id = users.add(
            session, email="a@aurora.example", name="Ana", role=RoleName.AGENT, language="es", now=runtime.clock()
        ).id
    with runtime.db.reading() as session:
        agent = people.actor_of(session, agent_id)

    def customers() -> None:
        number = 0
        while not stop.wait(0.003) and number < 400:
            submitted(runtime, number)
            engine.wake()
            number += 1

    def agents() -> None:
        while not stop.wait(0.02):
            with runtime.db.reading() as session:
                found = session.scalars(select(Case).where(Case.state == word(CaseState.OPEN)).limit(20)).all()
            for number, case in enumerate(found):
                with suppress(Conflict), runtime.db.writing(patience=30) as session:
                    now = runtime.clock()
                    seen: Any = {"actor": agent, "version": case.version, "now": now}
                    if number % 3:
                        answer(session, case.id, text="Ya.", domain="x.test", resolve=number % 2 == 1, **seen)
                    else:
                        assign(session, case.id, owner_id=agent_id, **seen)
            engine.wake()

    threads = [threading.Thread(target=target) for target in (engine.run, customers, agents)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        engine.stop()
        for thread in threads:
            thread.join(timeout=30)
            assert not thread.is_alive()


@pytest.mark.slow
def test_nothing_is_found_while_everybody_works(runtime: Runtime) -> None:
    """What several statements say belongs together, whatever happens between them."""
    reports = []
    with busy(runtime):
        for _ in range(5):
            reports.append(verify.verify(runtime, now=runtime.clock()))
            with runtime.db.reading() as session:
                assert all(ok for _, ok, _ in verify.summary(session, runtime.clock()))
    assert [report.findings for report in reports] == [()] * len(reports)
    assert reports[-1].looked_at["cases"] > reports[0].looked_at["cases"]


def test_what_is_missing_is_made_again(runtime: Runtime, work: Callable[[], None]) -> None:
    """The holes that verify promises the reconciler will close are closed by it."""
    for number in range(10):
        submitted(runtime, number)
    work()
    submitted(runtime, 10)
    with runtime.db.writing() as session:
        session.execute(delete(Work))
        session.execute(delete(Obligation))
        session.execute(delete(Judgement))
    found = {finding.check for finding in verify.verify(runtime, now=runtime.clock()).findings}
    assert {"receipt.unread", "detractor.unpromised", "event.unpromised"} <= found
    assert reconcile(runtime, runtime.clock()).total > 0
    work()
    assert verify.verify(runtime, now=runtime.clock()).findings == ()


@pytest.mark.slow
def test_command_beside_an_open_house(sqlite_settings: Settings) -> None:
    runtime = open_instance(sqlite_settings, create=False)
    submitted(runtime, 0)
    Engine(runtime, worker="test").drain("flow")
    good = command(sqlite_settings)
    with runtime.db.writing() as session:
        session.execute(delete(Obligation))
    bad = command(sqlite_settings, "--json")
    runtime.close()
    assert (good.returncode, good.stdout.splitlines()[-1]) == (0, "0 people left behind")
    assert len([line for line in good.stdout.splitlines() if line.endswith(" ok")]) == len(TITLES)
    assert bad.returncode == 1
    assert json.loads(bad.stdout)["left_behind"] == 1


def command(settings: Settings, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "voc", "verify", *options],
        env={"VOC_INSTANCE": str(settings.instance), "PATH": ""},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def keys() -> list[str]:
    """Every check with a text of its own."""
    return [check.key for check in verify.every_check() if not check.key.startswith(FAMILIES)]


def test_page_lists_every_check_under_its_invariant() -> None:
    """With the very words that are said when it finds something."""
    page = (ROOT / "docs" / "invariants.md").read_text(encoding="utf-8")
    entry = re.compile(r"^- `([a-z_]+\.[a-z_]+)`: (.+(?:\n  .+)*)", flags=re.MULTILINE)
    listed = {
        section.split()[0]: {key: " ".join(said.split()) for key, said in entry.findall(section)}
        for section in re.split(r"^## ", page, flags=re.MULTILINE)[1:]
    }
    wanted: dict[str, dict[str, str]] = {name: {} for name in listed}
    for check in verify.every_check():
        if not check.key.startswith(FAMILIES):
            wanted[check.invariant][check.key] = check.text
    assert listed == wanted
    assert {f"I{number}" for number in range(1, 13)} < set(listed)


def test_page_names_tests_that_exist() -> None:
    page = (ROOT / "docs" / "invariants.md").read_text(encoding="utf-8")
    named = re.findall(r"`(tests/[\w/]+\.py)`", page)
    assert len(named) > 10
    assert [path for path in named if not (ROOT / path).is_file()] == []


def test_every_check_has_a_hole_that_it_finds() -> None:
    torn = "".join(path.read_text(encoding="utf-8") for path in Path(__file__).parent.glob("test_verify_*.py"))
    assert [key for key in keys() if not re.search(rf"\b{re.escape(key)}\b", torn)] == []


def test_keys_are_different_and_texts_say_something() -> None:
    found = verify.every_check()
    assert len({check.key for check in found}) == len(found)
    assert [check.key for check in found if len(check.text.split()) < 6 or not check.text.endswith(".")] == []
    assert set(keys()) >= LEFT_BEHIND


def test_every_kind_of_event_is_known() -> None:
    """`happened(session, case, "kind", ...)` and the events that are inserted in bulk."""
    written = set()
    for path in (ROOT / "voc" / "cases").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("happened", "_event"):
                written.add(ast.literal_eval(node.args[2]))
    assert written == set(KINDS)


def test_rules_are_read_from_a_table() -> None:
    first, second = rules(
        """
        a.b I1 It broke. Mend it,
            and soon.
        c.d integrity Another.
        """
    )
    assert (first.key, first.invariant, first.text) == ("a.b", "I1", "It broke. Mend it, and soon.")
    assert (second.key, second.invariant) == ("c.d", "integrity")
