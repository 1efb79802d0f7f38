"""What surveys do in the worker."""

from __future__ import annotations

from datetime import timedelta

from voc.jobs import Handler, Periodic, Registry
from voc.surveys.queries import SEND_KIND
from voc.surveys.sending import SEND_RETRY, mark_invitations, send_invitations
from voc.surveys.upkeep import keep_up, let_go

HANDLERS = [
    Handler(SEND_KIND, apply=mark_invitations, prepare=send_invitations, lane="slow", retry=SEND_RETRY),
]
PERIODIC = [
    Periodic("surveys.feed", every=timedelta(seconds=20), run=let_go),
    Periodic("surveys.upkeep", every=timedelta(minutes=10), run=keep_up),
]


def register(registry: Registry) -> None:
    """Declare handlers and periodic work."""
    registry.add(HANDLERS, PERIODIC)
