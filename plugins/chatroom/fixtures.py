"""What the conformance kit needs: a chat server on loopback with one room behind one secret address."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any

from voc.testkit import Answer, Asked, HttpVendor, OfferFixtures

SECRET = "a-made-up-webhook"  # noqa: S105  it is made up


class ChatServer(HttpVendor):
    """Keeps what is written, in `texts` too."""

    def __init__(self) -> None:
        super().__init__()
        self.written: list[tuple[str, dict[str, Any]]] = []

    @property
    def options(self) -> Mapping[str, Any]:
        """The address with the secret in it."""
        return {"webhook": f"{self.url}/hooks/{SECRET}"}

    def answer(self, asked: Asked) -> Answer:
        """`ok`, as such servers say."""
        if asked.path != f"/hooks/{SECRET}":
            return Answer("no_service", 404)
        body = json.loads(asked.body)
        if not body.get("text"):
            return Answer("no_text", 400)
        key = asked.headers.get("idempotency-key", "")
        self.written.append((key, body))
        self.take(key, body["text"])
        return Answer("ok")


class ChatFixtures(OfferFixtures):
    """One room."""

    settings = {"webhook": f"https://chat.example/hooks/{SECRET}", "urgent_mark": "@channel"}
    values = {"note": "Mirar hoy", "quote": True}

    def vendor(self) -> AbstractContextManager[ChatServer]:
        """The server, running."""
        return ChatServer.running()
