"""What the conformance kit needs to know of webhooks: a tool that signs as Standard Webhooks says."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from voc.plugin import Author, HttpCall, Inbound, Raw
from voc.testkit import NOW, Fixtures, Said, Sample

from .signing import standard_key

SENT = (
    b'{"id": 77, "text": "Muy caro", "metric": "NPS", "score": "0", "customer": {"name": "Ana  Paz"},'
    b' "language": "es-PE"}'
)


class WebhookFixtures(Fixtures):
    """A tool that posts in the shape of voc's own API."""

    options = {"secret": "whsec_" + base64.b64encode(b"a secret of the fixtures").decode()}
    samples = (
        Sample(SENT, "application/json", (Inbound("77", "Muy caro", "nps", 0, "es", author=Author(name="Ana Paz")),)),
    )
    cannot = {
        "attachments": "a tool posts words and scores, and no files",
        "answers": "what a tool posts answers nothing that we sent",
    }

    def raw(self, said: Said) -> Raw:
        """As the tool writes it."""
        data: dict[str, Any] = {"id": said.id, "text": said.text, "metric": said.metric, "score": said.score}
        if said.sent_at is not None:
            data["sent_at"] = said.sent_at.isoformat()
        if said.author is not None:
            data["customer"] = {"name": said.author.name, "email": said.author.email}
        if said.edited is not None:
            data["updated_at"] = said.edited.isoformat()
        return Raw(json.dumps(data).encode(), "application/json", NOW, {}, said.id)

    def call(self, raw: Raw, *, at: datetime, options: Mapping[str, Any]) -> HttpCall:
        """Signed over id, time and body."""
        identity, stamp = f"msg_{hashlib.sha256(raw.body).hexdigest()[:20]}", str(int(at.timestamp()))
        key = standard_key(str(options["secret"])) or b""
        digest = hmac.new(key, f"{identity}.{stamp}.".encode() + raw.body, hashlib.sha256).digest()
        signature = f"v1,{base64.b64encode(digest).decode()}"
        headers = {"webhook-id": identity, "webhook-timestamp": stamp, "webhook-signature": signature}
        return HttpCall("POST", headers, {}, raw.body)
