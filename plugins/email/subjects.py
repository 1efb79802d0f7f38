"""Subjects: what mail programs put before them in every language, and taking it off again."""

from __future__ import annotations

import re

_REPLIES = r"re|r|rv|res|resp|aw|antw|sv|vs|ref"
_FORWARDS = r"fw|fwd|rv|enc|tr|wg|reenv|reenviado|encaminhado"
_BEFORE = re.compile(rf"^\s*(?:(?:{_REPLIES}|{_FORWARDS})\s*(?:\[\d{{1,3}}\]|\(\d{{1,3}}\))?\s*:\s*)+", re.IGNORECASE)
_REPLY = re.compile(r"^\s*(?:re|r|res|resp|aw|antw|sv|vs)\s*(?:\[\d{1,3}\])?\s*:", re.IGNORECASE)


def bare(subject: str) -> str:
    """The subject without "Re:", "RV:", "Enc:" and the like, however many there are."""
    return _BEFORE.sub("", subject[:1000]).strip()


def is_reply(subject: str) -> bool:
    """Whether it says that it answers something."""
    return bool(_REPLY.match(subject[:100]))
