"""`voc user`."""

from __future__ import annotations

import click

from voc.cli.opening import address, opened
from voc.core.errors import NotFound
from voc.core.vocabulary import LANGUAGES, RoleName


@click.group()
def user() -> None:
    """People who work here."""


@user.command()
@click.argument("email")
@click.option("--role", type=click.Choice([role.value for role in RoleName]), required=True, help="What they may do.")
@click.option("--name", help="Shown to colleagues and customers; default: the part before the @.")
@click.option("--language", type=click.Choice(LANGUAGES), help="Language of their screens.")
def add(email: str, role: str, name: str | None, language: str | None) -> None:
    """Add somebody and print a sign-in link, once, alone on standard output."""
    from voc.security import users

    with opened(with_plugins=False) as runtime:
        now = runtime.clock()
        with runtime.db.writing() as session:
            added = users.add(
                session,
                email=email,
                name=name or email.split("@")[0],
                role=RoleName(role),
                language=language or runtime.settings.language,
                now=now,
            )
            token = users.sign_in_link(session, added.id, now=now)
        click.echo(address(runtime.settings, f"/welcome/{token}"))


@user.command()
@click.argument("email")
def link(email: str) -> None:
    """Print a new sign-in link for somebody who cannot get in."""
    from voc.security import queries, users

    with opened(with_plugins=False) as runtime, runtime.db.writing() as session:
        found = queries.user_by_email(session, email)
        if found is None or not found.active:
            raise NotFound(f"there is nobody here with the address {email}")
        token = users.sign_in_link(session, found.id, now=runtime.clock())
        click.echo(address(runtime.settings, f"/welcome/{token}"))
