"""The vendor of the gallery."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any

from voc.plugin import HttpCall, Inbound, Raw
from voc.testkit import NOW, Answer, Asked, Fixtures, HttpVendor, Said, Sample

from .channel import signature

TOKEN, SECRET = "token-of-the-gallery", "secret-of-the-gallery"


def message(said: Said) -> dict[str, Any]:
    """As the vendor writes it."""
    files = [
        {"name": file.name, "type": file.content_type, "data": base64.b64encode(file.body).decode()}
        for file in said.attachments
    ]
    return {
        "id": said.id,
        "text": said.text or "",
        "metric": said.metric,
        "score": said.score,
        "sent_at": said.sent_at.isoformat() if said.sent_at else None,
        "name": said.author.name if said.author else None,
        "answers": said.answers,
        "edited": said.edited.isoformat() if said.edited else None,
        "deleted": said.deleted,
        "files": files,
    }


class Vendor(HttpVendor):
    """Messages by number, answers by key."""

    def __init__(self) -> None:
        super().__init__()
        self.messages: list[dict[str, Any]] = []
        self.keys: dict[str, str] = {}

    def put(self, said: Said) -> None:
        self.messages.append({**message(said), "seq": len(self.messages) + 1})

    def reset(self) -> None:
        self.messages.clear()

    def answer(self, asked: Asked) -> Answer:
        if asked.headers.get("authorization") != f"Bearer {TOKEN}":
            return Answer({"error": "who are you"}, 401)
        if asked.method == "GET":
            after, limit = int(asked.query["after"][0]), int(asked.query["limit"][0])
            found = [item for item in self.messages if item["seq"] > after][:limit]
            return Answer({"messages": found, "last": len(self.messages)})
        key, data = asked.headers.get("idempotency-key") or f"none-{len(self.got)}", json.loads(asked.body)
        if key not in self.keys:
            self.keys[key] = f"s-{len(self.keys)}"
            self.take(key, data["text"])
        return Answer({"id": self.keys[key]})


class GoodFixtures(Fixtures):
    """All that the kit asks for."""

    options = {"token": TOKEN, "secret": SECRET}
    samples = (
        Sample(
            b'{"id": "7", "text": "Malo", "metric": "nps", "score": 0}',
            "application/json",
            (Inbound("7", "Malo", "nps", 0, facts={"lines": 0}, reply_to={"to": "7"}),),
        ),
    )

    def raw(self, said: Said) -> Raw:
        return Raw(json.dumps(message(said)).encode(), "application/json", NOW, {}, said.id)

    def call(self, raw: Raw, *, at: datetime, options: Mapping[str, Any]) -> HttpCall:
        stamp = str(int(at.timestamp()))
        signed = signature(options["secret"], stamp, raw.body)
        return HttpCall("POST", {"x-time": stamp, "x-signature": signed}, {}, raw.body)

    def vendor(self) -> AbstractContextManager[Vendor]:
        return Vendor.running()
