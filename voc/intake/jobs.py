"""What intake does in the worker."""

from __future__ import annotations

from datetime import timedelta

from voc.intake.channels import FORM_KIND, compute_forms, store_forms
from voc.intake.events import ReceiptStored
from voc.intake.read import read_receipts, store_readings
from voc.jobs import Handler, Registry
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
]


def register(registry: Registry) -> None:
    """Declare handlers and what they listen to."""
    registry.add(HANDLERS)
    registry.subscribe(ReceiptStored, READ_KIND)
