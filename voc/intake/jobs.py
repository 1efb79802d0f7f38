"""What intake does in the worker."""

from __future__ import annotations

from datetime import datetime, timedelta

from voc.intake import fetch
from voc.intake.channels import FORM_KIND, compute_forms, store_forms
from voc.intake.check import CHECK_KIND, check_channels, store_checks
from voc.intake.events import ReceiptStored
from voc.intake.read import read_receipts
from voc.intake.replay import REPLAY_KIND, replay_pages
from voc.intake.store import store_readings
from voc.jobs import Handler, Periodic, Registry
from voc.jobs.retry import Retry

READ_KIND = "intake.read"

HANDLERS = [
    Handler(
        READ_KIND,
        apply=store_readings,
        prepare=read_receipts,
        batch=64,
        durable=False,
        retry=Retry(attempts=6, first=timedelta(seconds=1)),
    ),
    Handler(FORM_KIND, apply=store_forms, prepare=compute_forms, durable=False),
    Handler(CHECK_KIND, apply=store_checks, prepare=check_channels, lane="door", durable=False),
    Handler(REPLAY_KIND, apply=replay_pages, lane="slow", durable=False),
    # The cursor moves only with what it stands for, so this is durable; a page that fails is asked for again.
    Handler(fetch.KIND, apply=fetch.store_pages, prepare=fetch.fetch, lane="door", retry=Retry(attempts=1_000_000)),
]


def _schedule(context: object, now: datetime) -> None:
    fetch.schedule(context, now)  # type: ignore[arg-type]  # the registry hands over the runtime


def register(registry: Registry) -> None:
    """Declare handlers and what they listen to."""
    registry.add(HANDLERS, [Periodic("intake.schedule", timedelta(seconds=30), _schedule)])
    registry.subscribe(ReceiptStored, READ_KIND)
