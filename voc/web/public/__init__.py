"""What customers see: forms, surveys, thanks, the status of what they wrote. No session, no cookie, no account."""

from __future__ import annotations

from voc.web.public import form, leaving, reason, status, survey
from voc.web.public.blueprint import blueprint

__all__ = ["blueprint", "form", "leaving", "reason", "status", "survey"]
