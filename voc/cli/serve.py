"""`voc serve`."""

from __future__ import annotations

import click

from voc.core import logs
from voc.core.settings import load


@click.command()
@click.option("--host", help="Address to listen on (VOC_HOST).")
@click.option("--port", type=int, help="Port to listen on (VOC_PORT); 0 picks a free one.")
@click.option("--demo", is_flag=True, help="Fill a new instance with a believable retailer's feedback.")
@click.option("--dev", is_flag=True, help="For authors: load a plugin anew whenever its files change.")
def serve(host: str | None, port: int | None, demo: bool, dev: bool) -> None:
    """Serve web and worker over one instance; on the first start makes everything that is missing.

    With --dev what is saved in instance/plugins, or in a package that was installed with `pip install -e`, is loaded
    within two seconds, and standard error says how; an exception of a plugin is logged with the lines it came from,
    and with its words, which may be a customer's. Not for production.
    """
    settings = load(host=host, port=port)
    logs.configure(level=settings.log_level, style=settings.log_format)
    from voc.app.serve import serve as run

    run(settings, demo=demo, say=click.echo, dev=dev)
