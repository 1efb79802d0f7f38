"""The outbox and the engine that works it off: leases, retries, quarantine, periodic work, events."""

from __future__ import annotations

from voc.jobs.outbox import enqueue, publish
from voc.jobs.registry import Event, Handler, Item, Periodic, Registry

__all__ = ["Event", "Handler", "Item", "Periodic", "Registry", "enqueue", "publish"]
