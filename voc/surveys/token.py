"""The personal link of an invitation: its key and a signature of it. Nothing secret is stored for it.

It must be written into every reminder again, so a random token would have to be kept in clear. Without the key of the
instance nobody can make one: 160 bits would have to be guessed.
"""

from __future__ import annotations

import base64
import hmac
import re
from uuid import UUID

from voc.security.keys import Keys

PURPOSE = "invitation"
_SIGNATURE = 20
_SHAPE = re.compile(r"[A-Za-z0-9_-]{48}")


def token_of(keys: Keys, invitation_id: UUID) -> str:
    """The token of an invitation, always the same: 48 characters that may stand in an address."""
    signature = keys.hash(PURPOSE, invitation_id.bytes)[:_SIGNATURE]
    return base64.urlsafe_b64encode(invitation_id.bytes + signature).decode()


def read_token(keys: Keys, token: str) -> UUID | None:
    """The invitation whose token this is; None for anything that we did not write."""
    if not _SHAPE.fullmatch(token):
        return None
    raw = base64.urlsafe_b64decode(token)
    invitation_id = UUID(bytes=raw[:16])
    wanted = keys.hash(PURPOSE, invitation_id.bytes)[:_SIGNATURE]
    return invitation_id if hmac.compare_digest(raw[16:], wanted) else None
