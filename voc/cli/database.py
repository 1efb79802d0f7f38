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
    from voc.runtime.instance import make_folder
    from voc.runtime.reaching import make_private, reach

    found = settings()
    make_folder(found)
    make_private(found)
    database = Database(found.url)
    try:
        reach(database)
        run(database, metadata)
        click.echo(f"the database is at revision {current(database)}")
    finally:
        database.close()


@db.command()
def check() -> None:
    """Compare the database with what this version expects; exit 1 when they differ."""
    from voc.db import Database
    from voc.db.migrate import current, differences, heads
    from voc.model import metadata
    from voc.runtime.reaching import no_instance, reach, require_instance

    wanted = settings()
    require_instance(wanted)
    database = Database(wanted.url)
    try:
        reach(database)
        revision = current(database)
        if revision is None:
            raise no_instance(wanted)
        found = [] if revision in heads() else [f"revision {revision}, expected {heads()[0]}"]
        found += [str(difference) for difference in differences(database, metadata)] if not found else []
    finally:
        database.close()
    for line in found:
        click.echo(line)
    if found:
        raise SystemExit(1)
    click.echo("the database is up to date")
