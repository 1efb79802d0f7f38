"""Whether and how a customer can be reached."""

from __future__ import annotations

from voc.core.errors import Permanent
from voc.net.smtp import mailbox


def reachable(email: str | None) -> bool:
    """Whether a mail could be sent there at all; what nobody can send to is answered on the status page."""
    if not email:
        return False
    try:
        mailbox(email)
    except Permanent:
        return False
    return True
