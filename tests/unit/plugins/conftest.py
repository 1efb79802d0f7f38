"""What the tests of bundled plugins share."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from voc.plugin import Raw, View
from voc.plugin_host.parsers import HostParsers, _mail
from voc.process.parsing.mail import read_mail

RECEIVED = datetime(2026, 3, 4, 15, 0, tzinfo=UTC)


class InProcess(HostParsers):
    """The host's parsers without a child, so that a hundred small mails are quick."""

    def mail(self, body: bytes) -> Any:
        """As the child would, in this process."""
        found, files = read_mail(body)
        kept = [(name, kind, size, b"") for name, kind, size, _ in found["attachments"]]
        for number, data in enumerate(files):
            kept[number] = (*kept[number][:3], data)
        return _mail({**found, "attachments": kept})


@pytest.fixture
def read_raw() -> Callable[..., Any]:
    """What the e-mail channel reads in bytes: `read_raw(raw, from_address=…)`."""
    from voc_plugins.email import Email

    def read(
        raw: bytes, *, content_type: str = "message/rfc822", headers: dict[str, str] | None = None, **options: Any
    ) -> Any:
        view = View(options={"from_address": "ayuda@aurora.example", **options}, parsers=InProcess())
        (item,) = Email().read(view, Raw(raw, content_type, RECEIVED, headers or {}))
        return item

    return read
