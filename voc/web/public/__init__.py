"""What customers see: forms, the thank-you page, the status of what they wrote. No session, no cookie, no account."""

from __future__ import annotations

from voc.web.public import form, status
from voc.web.public.blueprint import blueprint

__all__ = ["blueprint", "form", "status"]
