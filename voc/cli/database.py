"""`voc db`."""

from __future__ import annotations

import click

from voc.cli.opening import settings


@click.group()
def db() -> None:
    """Bring the database up to date, or check it."""


@db.command()
def upgrade() -> None:
    """Run every missing migration."""
    from voc.db import Database
    from voc.db.migrate import current
    from voc.db.migrate import upgrade as run
    from voc.model import metadata

    database = Database(settings().url)
    run(database, metadata)
    click.echo(f"the database is at revision {current(database)}")
    database.close()


@db.command()
def check() -> None:
    """Compare the database with what this version expects; exit 1 when they differ."""
    from voc.db import Database
    from voc.db.migrate import current, differences, heads
    from voc.model import metadata

    database = Database(settings().url)
    found = [] if current(database) in heads() else [f"revision {current(database)}, expected {heads()[0]}"]
    found += [str(difference) for difference in differences(database, metadata)] if not found else []
    database.close()
    for line in found:
        click.echo(line)
    if found:
        raise SystemExit(1)
    click.echo("the database is up to date")
