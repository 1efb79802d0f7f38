"""`voc analysis`."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING

import click

from voc.cli.opening import opened
from voc.core.errors import NotFound, VocError

if TYPE_CHECKING:
    from voc.model import AnalysisRun

NEVER = "Nothing was ever understood again."


@click.group()
def analysis() -> None:
    """Understand past feedback again; learn topics. The worker does both in the background."""


@analysis.command()
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="Only what came in from this day (UTC) on.")
@click.option("--topics-only", is_flag=True, help="Only look for the topics again; nothing else changes.")
def redo(since: datetime | None, topics_only: bool) -> None:
    """Understand again what came in before: by the topics as they are now or, without --topics-only, by the present
    model. A run that is going on is stopped. Prints its id."""
    from voc.pipeline.redo.run import ask_redo
    from voc.security.access import SYSTEM

    with opened(with_plugins=False) as runtime:
        day: date | None = since.date() if since else None
        start = datetime.combine(day, time(), UTC) if day else None
        with runtime.db.writing(patience=30) as session:
            run = ask_redo(session, actor=SYSTEM, since=start, topics_only=topics_only, now=runtime.clock())
            click.echo(str(run.id))


@analysis.command()
def status() -> None:
    """How far the last run is."""
    from voc.jobs.queries import latest_run
    from voc.model import AnalysisRun

    with opened(with_plugins=False) as runtime, runtime.db.reading() as session:
        run = latest_run(session, AnalysisRun)
        click.echo(_described(run) if run is not None else NEVER)


def _described(run: AnalysisRun) -> str:
    """One line about a run."""
    state = "stopped" if run.stopped else "done" if run.finished_at else "running"
    what = "topics" if run.topics_only else "everything"
    return f"{state}: {what}, {run.seen} of {'?' if run.total is None else run.total}, {run.changed} changed"


@analysis.command()
def stop() -> None:
    """Stop the run that is going on; what it did stays."""
    from voc.pipeline.redo.run import stop_redo

    _change(stop_redo, "no run is going on")


@analysis.command()
def resume() -> None:
    """Let the run that was stopped go on where it was."""
    from voc.pipeline.redo.run import resume_redo

    _change(resume_redo, "no run was stopped")


def _change(act: object, otherwise: str) -> None:
    """Do something to the last run; an error when there was nothing to do."""
    from voc.jobs.queries import latest_run
    from voc.model import AnalysisRun
    from voc.security.access import SYSTEM

    assert callable(act)  # noqa: S101  (tells the type checker)
    with opened(with_plugins=False) as runtime, runtime.db.writing(patience=30) as session:
        run = latest_run(session, AnalysisRun)
        if run is None or not act(session, run.id, actor=SYSTEM, now=runtime.clock()):
            raise VocError(otherwise)
        click.echo(_described(run))


@analysis.command()
def learn() -> None:
    """Learn topics from corrections and examples; from 100 of them on."""
    from voc.pipeline.heads.learn import ask_learn
    from voc.security.access import SYSTEM

    with opened(with_plugins=False) as runtime, runtime.db.writing(patience=30) as session:
        ask_learn(session, actor=SYSTEM, now=runtime.clock())


@analysis.command()
def heads() -> None:
    """What was learnt: number, texts, micro-F1 of the words alone and with the head, state."""
    from voc.pipeline.heads import queries

    with opened(with_plugins=False) as runtime, runtime.db.reading() as session:
        # Titles are for people: what a program reads are the lines on standard output.
        click.echo(f"{'HEAD':>4} {'TEXTS':>6} {'WORDS':>6} {'BOTH':>6} STATE", err=True)
        for head in queries.heads(session):
            state = "in use" if head.in_use else "usable" if head.usable else "not usable"
            scores = f"{head.scores['words']:6.3f} {head.scores['both']:6.3f}"
            click.echo(f"{head.number:4} {head.labelled:6} {scores} {state}")


@analysis.command()
@click.argument("number", type=click.IntRange(1, 2**31 - 1))
def promote(number: int) -> None:
    """Let new feedback follow the head NUMBER, one that won."""
    from voc.pipeline.heads import learn as learning
    from voc.pipeline.heads import queries
    from voc.security.access import SYSTEM

    with opened(with_plugins=False) as runtime, runtime.db.writing(patience=30) as session:
        learning.promote(session, queries.head_by_number(session, number), actor=SYSTEM, now=runtime.clock())


@analysis.command(name="step-back")
def step_back() -> None:
    """Back to the head that was in use before, or to the words alone."""
    from voc.pipeline.heads import learn as learning
    from voc.security.access import SYSTEM

    with opened(with_plugins=False) as runtime, runtime.db.writing(patience=30) as session:
        learning.step_back(session, actor=SYSTEM, now=runtime.clock())


@analysis.command()
@click.argument("key")
@click.option("--restore", type=click.IntRange(1, 2**31 - 1), help="Bring this version back, as the next one.")
def topic(key: str, restore: int | None) -> None:
    """The versions of the topic KEY: number, when, who."""
    from voc.pipeline.topics import restore_topic, versions_of
    from voc.security.access import SYSTEM

    with opened(with_plugins=False) as runtime:
        if restore is not None:
            with runtime.db.writing(patience=30) as session:
                restore_topic(session, key, restore, actor=SYSTEM, seen=None, now=runtime.clock())
        with runtime.db.reading() as session:
            try:
                found = versions_of(session, key)
            except NotFound:
                raise NotFound(f"there is no topic {key}") from None
            for version, author in found:
                click.echo(f"{version.number} {version.created_at.isoformat()} {author or 'voc'}")
