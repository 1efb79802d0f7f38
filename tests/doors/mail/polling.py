"""Polling as the host does it: page after page, the cursor kept with its mails, a failure keeping the last one."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from voc_plugins.email import Email

from voc.plugin import Context, Page, Pulled, TryLater


class Poller:
    """What a host would have stored: mails in order, and the cursor."""

    def __init__(self, ctx: Context, cursor: Mapping[str, Any] | None = None) -> None:
        self.ctx = ctx
        self.cursor = cursor
        self.items: list[Pulled] = []
        self.notices: list[str] = []
        self.failures: list[str] = []

    def page(self) -> Page:
        """One call, its page stored."""
        page = Email().fetch(self.ctx, self.cursor)
        self.items += page.items
        if page.cursor is not None:
            self.cursor = json.loads(json.dumps(page.cursor))
        self.notices.append(page.notice)
        return page

    def visit(self) -> list[Pulled]:
        """Pages until there is no more for now; returns what this visit brought."""
        before = len(self.items)
        for _ in range(1000):
            try:
                if not self.page().more:
                    break
            except TryLater as error:
                self.failures.append(str(error))
                break
        return self.items[before:]

    @property
    def uids(self) -> list[int]:
        """The UIDs in the order they came."""
        return [int(item.delivery_id.partition(":")[2]) for item in self.items]


def mail(number: int, words: str = "hola") -> bytes:
    """A small mail of its own."""
    return (
        f"From: Ana <ana{number}@example.pe>\r\nTo: ayuda@aurora.example\r\nSubject: mail {number}\r\n"
        f"Message-ID: <{number}@example.pe>\r\nDate: Tue, 3 Mar 2026 10:00:00 -0500\r\n"
        f"Content-Type: text/plain; charset=utf-8\r\n\r\n{words} {number}\r\n"
    ).encode()
