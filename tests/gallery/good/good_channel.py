"""A channel that keeps every rule of the kit; the plugins of the gallery change one thing of it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from voc.plugin import (
    Accepted,
    Attachment,
    Author,
    Channel,
    Context,
    Deleted,
    Edited,
    Field,
    Form,
    Health,
    HttpCall,
    Inbound,
    Misconfigured,
    Option,
    Options,
    Outbound,
    Page,
    Pulled,
    Raw,
    ReadItem,
    Refused,
    Reply,
    Scale,
    Sent,
    TryLater,
    Undeliverable,
    View,
)

WINDOW = 300
LANGUAGES = ("es", "pt", "en")
MOST_FILES = 100
RANGES = {"nps": (0, 10), "csat": (1, 5), "ces": (1, 7), "stars": (1, 5)}


def signature(secret: str, stamp: str, body: bytes) -> str:
    """What the vendor signs: time and body."""
    return hmac.new(secret.encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()


class Good(Channel):
    """One inbox at the vendor."""

    kind = "good"
    title = "Good"
    options = Options(
        Option("base_url", "Address of the server.", default="https://good.example"),
        Option("token", "What we sign in with.", secret=True, required=True),
        Option("secret", "What the vendor signs with.", secret=True, required=True),
        Option("page", "Messages at a time.", type="number", default=50),
    )

    def check(self, ctx: Context) -> Health:
        """Ask for nothing."""
        try:
            self.ask(ctx, "GET", "/messages?after=0&limit=1")
        except (TryLater, Misconfigured, Undeliverable) as error:
            return Health("failing", f"{error}.")
        return Health("ok", "Connected.")

    def ask(self, ctx: Context, method: str, path: str, data: Any = None, key: str = "") -> Any:
        """One request; raises what the host understands."""
        base = str(ctx.options.get("base_url") or "")
        headers = {"Authorization": f"Bearer {ctx.options.get('token')}", "Idempotency-Key": key}
        try:
            answer = ctx.http.request(method, base + path, json=data, headers=headers, allow_redirects=False)
        except (OSError, ValueError) as error:
            raise TryLater(f"the server cannot be reached ({type(error).__name__})") from None
        return self.judge(answer)

    def judge(self, answer: Any) -> Any:
        """The JSON of an answer; raises what the host understands."""
        if answer.status_code in (401, 403):
            raise Misconfigured("the server refuses the token: make a new one")
        if answer.status_code == 404:
            raise Undeliverable("whom this answers is not there any more")
        if answer.status_code == 429:
            raise TryLater("too many requests", after=float(answer.headers.get("Retry-After") or 60))
        if answer.status_code != 200:
            raise TryLater(f"the server answers {answer.status_code}")
        try:
            return answer.json()
        except ValueError:
            raise TryLater("the server sends no JSON") from None

    def accept(self, ctx: Context, call: HttpCall) -> Accepted | Reply | Refused:
        """Keep what is signed."""
        if call.method == "GET":
            return Refused("nothing is to be seen here", 404)
        if reason := self.doubt(ctx, call):
            return Refused(reason, 401)
        return Accepted(call.body, "application/json", self.delivery_id(call))

    def delivery_id(self, call: HttpCall) -> str:
        """From what is signed."""
        return hashlib.sha256(call.body).hexdigest()

    def doubt(self, ctx: Context, call: HttpCall) -> str | None:
        """Why it is not believed."""
        secret, stamp = str(ctx.options.get("secret") or ""), call.headers.get("x-time", "")
        if not secret or ctx.now is None:
            return "there is no secret"
        given = call.headers.get("x-signature", "")
        if not stamp.isdecimal() or not self.is_fresh(float(stamp), ctx.now()):
            return "it was signed too long ago"
        if not self.is_same(signature(secret, stamp, call.body), given):
            return "the signature is another one"
        return None

    def is_fresh(self, stamp: float, now: datetime) -> bool:
        """Whether it was signed just now."""
        return abs(now.timestamp() - stamp) <= WINDOW

    def is_same(self, wanted: str, given: str) -> bool:
        """Whether two signatures are one."""
        return hmac.compare_digest(wanted.encode(), given.encode())

    def fetch(self, ctx: Context, cursor: Mapping[str, Any] | None) -> Page:
        """The next messages."""
        after = (cursor or {}).get("after")
        after = after if isinstance(after, int) and not isinstance(after, bool) and after >= 0 else 0
        found = self.page(ctx, after)
        if found["last"] < after:
            after = 0
            found = self.page(ctx, after)
        messages = found["messages"]
        items = tuple(self.pulled(message) for message in messages)
        last = messages[-1]["seq"] if messages else after
        return Page(items, {"after": last}, more=last < found["last"])

    def page(self, ctx: Context, after: int) -> Any:
        """What the server has behind a number."""
        try:
            found = self.ask(ctx, "GET", f"/messages?after={after}&limit={ctx.options.get('page') or 50}")
        except Undeliverable as error:
            raise Misconfigured(str(error)) from None
        if not isinstance(found, dict) or "messages" not in found:
            raise TryLater("the server sends something else")
        return found

    def pulled(self, message: Mapping[str, Any]) -> Pulled:
        """One message as it is stored."""
        body = {name: value for name, value in message.items() if name != "seq"}
        return Pulled(json.dumps(body).encode(), "application/json", f"{message.get('id')}:{message.get('edited')}")

    def form(self, view: View) -> Form:
        """One question."""
        words = dict.fromkeys(LANGUAGES, "?")
        score = Field("score", "score", words, scale=Scale("nps", 0, 10, words, words))
        return Form(words, (score, Field("text", "long_text", words)), words, LANGUAGES)

    def read(self, view: View, raw: Raw) -> Iterable[ReadItem]:
        """One message."""
        data = view.json(raw)
        if not isinstance(data, dict) or not isinstance(data.get("text"), str):
            raise ValueError("this is no message")
        identity = self.identity_of(raw, data)
        if data.get("deleted"):
            yield Deleted(identity)
        elif data.get("edited"):
            yield Edited(identity, data["text"], datetime.fromisoformat(data["edited"]))
        else:
            yield self.inbound(identity, data)

    def identity_of(self, raw: Raw, data: Mapping[str, Any]) -> str:
        """The vendor's id, or what the message says."""
        if isinstance(data.get("id"), str) and data["id"]:
            return data["id"].replace("\x00", "")
        return hashlib.sha256(raw.body).hexdigest()

    def inbound(self, identity: str, data: Mapping[str, Any]) -> Inbound:
        """The feedback."""
        score, metric = data.get("score"), data.get("metric")
        if score is not None and not RANGES[metric][0] <= score <= RANGES[metric][1]:
            raise ValueError(f"{score} is no answer to {metric}")
        return Inbound(
            external_id=identity,
            text=data["text"],
            metric=metric if score is not None else None,
            score=score,
            sent_at=self.moment(data.get("sent_at")),
            author=Author(name=data["name"].replace("\x00", "")) if data.get("name") else None,
            facts={"lines": data["text"].count("\n")},
            thread=(data["answers"],) if data.get("answers") else (),
            reply_to={"to": identity},
            attachments=self.attachments(data),
        )

    def moment(self, value: Any) -> datetime | None:
        """When it was sent."""
        return datetime.fromisoformat(value) if value else None

    def attachments(self, data: Mapping[str, Any]) -> tuple[Attachment, ...]:
        """What came along, within the limit."""
        return tuple(self.files(data))[:MOST_FILES]

    def files(self, data: Mapping[str, Any]) -> Iterator[Attachment]:
        """What came along."""
        for file in data.get("files") or ():
            body = base64.b64decode(file["data"])
            yield Attachment(file["name"], file["type"], len(body), body)

    def send(self, ctx: Context, message: Outbound) -> Sent:
        """Answer there."""
        target = message.reply_to.get("to")
        if not target:
            raise Undeliverable("it is not known whom this answers")
        found = self.ask(ctx, "POST", "/answers", {"to": target, "text": message.text}, message.message_id)
        if not isinstance(found, dict) or not found.get("id"):
            raise TryLater("the server does not say whether it took the answer")
        return Sent(str(found["id"]))
