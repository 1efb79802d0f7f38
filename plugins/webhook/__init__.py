"""Webhook: feedback that another tool posts as JSON to the channel's secret address. The public contract only."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable
from typing import Any, cast
from uuid import uuid4

from voc.plugin import (
    Accepted,
    Author,
    Channel,
    Context,
    Edited,
    Health,
    HttpCall,
    Ignored,
    Inbound,
    Metric,
    Option,
    Options,
    Raw,
    ReadItem,
    Refused,
    Reply,
    View,
    hookimpl,
)

from . import places, signing

# Bytes of one delivery.
LIMIT = 256 * 1024
# Characters of a challenge that is sent back.
CHALLENGE = 500

_HELP = {
    "text": "Place of the customer's words.",
    "score": "Place of the score.",
    "metric": "Place of the metric, or the metric itself: nps, csat, ces or stars.",
    "id": "Place of the tool's own id of this feedback; the same id is the same feedback.",
    "name": "Place of the customer's name.",
    "email": "Place of the customer's e-mail address.",
    "phone": "Place of the customer's phone number.",
    "language": "Place of the language, or the language itself, such as es.",
    "sent_at": "Place of the time when the customer said it, with its time zone.",
    "unit": "Place of the unit (branch, region) it is about, or the unit itself.",
    "updated_at": "Place of the time when the tool last changed it; with it, later words under the same id count.",
    "consent": "Place of the customer's permission to be contacted (true or false).",
    "facts": "Place of an object with further facts.",
}


class WebhookChannel(Channel):
    """One address that one tool posts to. A receipt is the JSON object of one delivery."""

    kind = "webhook"
    title = "Webhook"
    options = Options(
        Option(
            "signature",
            "How the tool proves that it is the sender: standard-webhooks, hmac-sha256 (a signature of the body in a "
            "header), word (the secret itself in a header), or none.",
            type="choice",
            default=signing.STANDARD,
            choices=signing.SCHEMES,
        ),
        Option("secret", "What the tool signs with, or the word it sends.", default="", secret=True),
        Option(
            "header",
            "Header with the signature or the word. Empty: x-hub-signature-256 for hmac-sha256, authorization for "
            "word.",
            default="",
        ),
        *(Option(name, _HELP[name], default=place) for name, place in places.PLACES.items()),
        Option(
            "only",
            "Which deliveries are feedback, when the tool posts others too: a place and what must stand there, for "
            "example /event=response.completed.",
            default="",
        ),
    )

    def check(self, ctx: Context) -> Health:
        """Say whether deliveries can be believed and read with these options."""
        if reason := signing.missing_secret(ctx.options):
            return Health("failing", f"Every delivery is refused: {reason}.")
        if reason := places.bad_places(ctx.options):
            return Health("failing", f"Deliveries cannot be read: {reason}.")
        if ctx.options.get("signature") == signing.NONE:
            return Health("warning", "Nothing is signed: whoever knows the address can post.")
        return Health("ok", "Ready for deliveries.")

    def accept(self, ctx: Context, call: HttpCall) -> Accepted | Reply | Refused:
        """Keep what is signed and is a JSON object; give a challenge back."""
        if call.method == "GET":
            return _challenged(ctx, call)
        if len(call.body) > LIMIT:
            return Refused(f"{len(call.body)} bytes are more than {LIMIT}", 413)
        if reason := signing.wrong(ctx.options, call, ctx.now() if ctx.now else None):
            return Refused(reason, 401)
        try:
            data = json.loads(call.body.decode("utf-8"))
        except (ValueError, RecursionError):
            return Refused("the body is not JSON in UTF-8", 400)
        if not isinstance(data, dict):
            return Refused("the body is no JSON object", 400)
        challenge = data.get("challenge")
        if isinstance(challenge, str) and data.get("type") == "url_verification":
            return _echo(challenge)
        return Accepted(call.body, "application/json", _delivery(ctx, call, data))

    def read(self, view: View, raw: Raw) -> Iterable[ReadItem]:
        """One delivery is one feedback; raises ValueError that says what stands where it should not."""
        if reason := places.bad_places(view.options):
            raise ValueError(f"option {reason}")
        data = view.json(raw, limit=LIMIT)
        if not isinstance(data, dict):
            raise ValueError("this is no JSON object")
        if not places.wanted(view.options, data):
            yield Ignored("the option only leaves it out")
            return
        found = {name: places.value_of(view.options, name, data) for name in places.PLACES}
        text = places.text("text", found["text"])
        metric = places.metric(found["metric"])
        score = places.score(found["score"], metric)
        if text is None and score is None:
            raise ValueError("there is neither text nor score where the options say that they stand")
        unit = places.line("unit", found["unit"])
        identity, updated_at = _identity(found["id"], raw), places.moment("updated_at", found["updated_at"])
        yield Inbound(
            external_id=identity,
            text=text,
            metric=cast(Metric, metric) if score is not None else None,
            score=score,
            language=places.language(found["language"]),
            sent_at=places.moment("sent_at", found["sent_at"]),
            author=_author(found),
            consent=found["consent"] is True,
            facts={**places.facts(found["facts"]), **({"unit": unit} if unit else {})},
        )
        if text is not None and updated_at is not None:
            yield Edited(identity, text, updated_at)


@hookimpl
def voc_channels() -> list[type[Channel]]:
    """The one channel of this plugin."""
    return [WebhookChannel]


def _challenged(ctx: Context, call: HttpCall) -> Reply | Refused:
    """The answer to a subscription's question; anything else that is only looked at learns nothing."""
    token = call.query.get("hub.verify_token")
    secret = str(ctx.options.get("secret") or "").strip()
    if token is not None and secret and not hmac.compare_digest(token.encode(), secret.encode()):
        return Refused("the subscription's word is another one", 403)
    return _echo(call.query.get("hub.challenge") or call.query.get("challenge") or "")


def _echo(challenge: str) -> Reply | Refused:
    if not challenge or len(challenge) > CHALLENGE or not challenge.isprintable():
        return Refused("there is no challenge in it", 404)
    return Reply(challenge)


def _delivery(ctx: Context, call: HttpCall, data: dict[str, Any]) -> str:
    """What makes two posts one delivery: the id in the header, else the tool's own id and the very same words.

    Without any id every post is one of its own: two customers may both write "Malo".
    """
    own = places.identity(places.value_of(ctx.options, "id", data))
    same = f"{own} {hashlib.sha256(call.body).hexdigest()[:16]}" if own else None
    return places.identity(call.headers.get("webhook-id")) or same or uuid4().hex


def _identity(value: Any, raw: Raw) -> str:
    """The tool's own id; without one that of the delivery; without any, this very receipt and no other."""
    if own := places.identity(value):
        return own
    if raw.delivery_id:
        return f"delivery {raw.delivery_id}"
    return "receipt " + hashlib.sha256(raw.received_at.isoformat().encode() + b"\n" + raw.body).hexdigest()


def _author(found: dict[str, Any]) -> Author | None:
    """Who said it, as the tool has it: nobody proved the address to us."""
    name, email, phone = (places.line(name, found[name]) for name in ("name", "email", "phone"))
    return Author(name=name, email=email, phone=phone) if name or email or phone else None
