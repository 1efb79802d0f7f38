"""`voc survey`."""

from __future__ import annotations

from typing import TextIO

import click

from voc.cli.opening import opened
from voc.core.errors import Invalid, NotFound


@click.group()
def survey() -> None:
    """Surveys: invite people, list."""


@survey.command()
@click.argument("channel")
@click.argument("file", type=click.File("r", encoding="utf-8-sig", errors="replace"))
@click.option("--dry-run", is_flag=True, help="Only say whom the contact policy would refuse now.")
def invite(channel: str, file: TextIO, dry_run: bool) -> None:
    """Invite the people in FILE to the survey CHANNEL (its name in the address); - reads standard input.

    FILE holds one address a line, or a CSV table whose first line names its columns (email, name, language,
    external_id, unit, about; others are kept beside the answer). Each person gets one mail when the contact policy
    lets it go. A file with a line that cannot be understood is not taken at all; an address that stands in it twice
    counts once.
    """
    from voc.intake.queries import channel_by_slug
    from voc.surveys.inviting import invite as plan
    from voc.surveys.inviting import preview
    from voc.surveys.people import TWICE, read_people
    from voc.surveys.question import KIND

    found = read_people(file.read())
    for problem in found.problems:
        click.echo(f"line {problem.line}: {problem.text}: {problem.what}", err=True)
    wrong = [problem for problem in found.problems if problem.what != TWICE]
    if wrong or not found.people:
        raise Invalid("nobody was invited: " + ("mend these lines" if wrong else "the file names nobody"))
    with opened(with_plugins=False) as runtime:
        settings, now = runtime.settings, runtime.clock()
        with runtime.db.reading() as session:
            target = channel_by_slug(session, channel)
            if target is None or target.kind != KIND:
                raise NotFound(f"there is no survey {channel}")
            shown = preview(session, runtime.keys, settings, people=found.people, now=now)
        if not dry_run:
            with runtime.db.writing(patience=30) as session:
                plan(session, runtime.keys, settings, channel_id=target.id, people=found.people, now=now)
        for reason, count in shown.by_reason().items():
            click.echo(f"{count} not asked: {reason}", err=True)
        click.echo(f"{shown.may} {'would be invited' if dry_run else 'invited'}")


@survey.command(name="list")
def list_surveys() -> None:
    """Every survey: name in the address, question, invited, of them answered, all answers."""
    from voc.surveys.reading.queries import surveys

    with opened(with_plugins=False) as runtime, runtime.db.reading() as session:
        # Titles are for people: what a program reads are the lines on standard output.
        click.echo(f"{'SURVEY':30} {'ASKS':5} {'INVITED':>7} {'OF THEM':>7} {'ANSWERS':>7} NAME", err=True)
        for item in surveys(session):
            metric = item.metric.value if item.metric else "-"
            numbers = f"{item.invited:7} {item.answered:7} {item.answers:7}"
            click.echo(f"{item.slug:30} {metric:5} {numbers} {item.name}".rstrip())
