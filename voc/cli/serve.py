"""`voc serve`."""

from __future__ import annotations

import click

from voc.core import logs
from voc.core.settings import load


@click.command()
@click.option("--host", help="Address to listen on (VOC_HOST).")
@click.option("--port", type=int, help="Port to listen on (VOC_PORT); 0 picks a free one.")
@click.option("--demo", is_flag=True, help="Fill a new instance with a believable retailer's feedback.")
def serve(host: str | None, port: int | None, demo: bool) -> None:
    """Serve web and worker over one instance; on the first start makes everything that is missing."""
    settings = load(host=host, port=port)
    logs.configure(level=settings.log_level, style=settings.log_format)
    from voc.app.serve import serve as run

    run(settings, demo=demo, say=click.echo)
