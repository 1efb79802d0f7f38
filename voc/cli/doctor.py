"""`voc doctor`."""

from __future__ import annotations

import click

from voc.cli.opening import settings
from voc.core.clock import utc_now


@click.command()
@click.option("--new-key", "renew", is_flag=True, help="Make a new key for an instance whose own is lost for good.")
def doctor(renew: bool) -> None:
    """Look over the instance and say what is wrong; exit 1 when something is."""
    from voc.runtime.doctor import examine, new_key

    found = settings()
    if renew:
        lost = new_key(found, now=utc_now())
        click.echo("a new key is in place; back it up now (voc backup FILE)")
        click.echo(f"lost: the links in mails already sent, {lost.passwords} passwords, every session")
        click.echo("   -> voc serve prints a link for the administrator, voc user link EMAIL one for everybody else")
        click.echo(f"lost: the memory of {lost.deliveries} deliveries; one that is repeated from now on counts again")
        for slug in lost.channels:
            click.echo(f"lost: the secrets of channel {slug} -> enter them again")
        click.echo(f"kept: all feedback and cases, API tokens, {lost.identities} identities of customers")
        return
    findings = examine(found, now=utc_now())
    for finding in findings:
        click.echo(finding.line())
    if any(finding.state == "wrong" for finding in findings):
        raise SystemExit(1)
