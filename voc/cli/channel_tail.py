"""`voc channel tail`: traffic of one channel as it happens."""

from __future__ import annotations

import io
import json
import logging
import os
import select
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from voc.cli.opening import opened
from voc.core.errors import Busy

if TYPE_CHECKING:
    from voc.runtime.tail.traffic import Traffic

log = logging.getLogger(__name__)

# Seconds between two looks.
LOOK = 0.5


@click.command()
@click.argument("slug")
@click.option(
    "--last",
    type=click.IntRange(0, 1000),
    default=10,
    show_default=True,
    help="Begin with so many receipts and so many answers.",
)
@click.option("--no-follow", is_flag=True, help="Only these; do not wait for more.")
@click.option("--json", "as_json", is_flag=True, help="JSON lines.")
def tail(slug: str, last: int, no_follow: bool, as_json: bool) -> None:
    """Show what comes and goes through the channel SLUG, until Ctrl-C.

    `in` is a receipt: its id, bytes, type, the sender's id of it, and the first line; below it what was read in it.
    `notice` is a receipt that only speaks of something earlier (an edit, a deletion, a report), `ignored` and `robot`
    one that is nobody's feedback. `out` is an answer and how it stands. The channel's secrets are masked, and personal
    data as far as it can be recognized. Reads the database only; the server may run or not.
    """
    from voc.cli.channel import channel_of
    from voc.intake.channels import known_secrets
    from voc.runtime.tail.traffic import Traffic

    with opened(with_plugins=False) as runtime, _ending():
        with runtime.db.reading() as session:
            channel = channel_of(session, slug)
        traffic = Traffic(runtime.db, channel, known_secrets(runtime.keys, channel) or {}, runtime.clock)
        traffic.skip()
        _say(traffic.past(last) if last else [], as_json=as_json)
        while not no_follow and not _closed():
            time.sleep(LOOK)
            _say(_look(traffic), as_json=as_json)


def _look(traffic: Traffic) -> list[dict[str, Any]]:
    """What is new; nothing while the database is busy."""
    try:
        return traffic.look()
    except Busy as error:
        log.warning("could not look: %s", error)
        return []


def _say(events: list[dict[str, Any]], *, as_json: bool) -> None:
    for event in events:
        click.echo(json.dumps(event, ensure_ascii=False) if as_json else line_of(event))


def line_of(event: dict[str, Any]) -> str:
    """An event as people read it."""
    what, key = event["what"], event["id"]
    at = event["at"] or " " * 25
    if what == "in":
        size = "no body" if event["bytes"] is None else f"{event['bytes']} bytes"
        delivery = f" ({event['delivery_id']})" if event["delivery_id"] else ""
        return f"{at} in   {key} {size} {event['content_type']}{delivery} {event['line'] or ''}".rstrip()
    if what == "out":
        return f"{at} out  {key} {event['state']} {event['reason'] or ''}".rstrip()
    said = f"feedback {', '.join(event['feedback'])}" if event["feedback"] else ""
    return f"{at}   →  {key} {what} {said} {event['reason'] or ''}".rstrip()


@contextmanager
def _ending() -> Iterator[None]:
    """Ctrl-C, SIGTERM and a reader that went away are how this ends; nothing is wrong then."""
    here = threading.current_thread() is threading.main_thread()
    before = signal.signal(signal.SIGTERM, signal.default_int_handler) if here else None
    try:
        yield
    except KeyboardInterrupt:
        pass
    except BrokenPipeError:
        # What Python would still write at its end goes nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    finally:
        if here:
            signal.signal(signal.SIGTERM, before)


def _closed() -> bool:
    """Whether nobody reads standard output any more."""
    try:
        poll = select.poll()
        poll.register(sys.stdout.fileno(), 0)
        return any(found & (select.POLLERR | select.POLLHUP) for _, found in poll.poll(0))
    except (io.UnsupportedOperation, OSError, ValueError):
        return False
