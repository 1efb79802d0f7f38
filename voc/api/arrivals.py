"""`/in/<channel key>`: where vendors push. The key is the only thing that says which channel it is.

An unknown key, an inactive channel and one that takes no deliveries look the same. A signature is checked over the
raw bytes before the plugin sees anything; the answer comes when the delivery is stored.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, request

from voc.api import here
from voc.api.problems import Problem
from voc.core.text import is_storable, shorten
from voc.core.vocabulary import Door
from voc.intake import queries
from voc.intake.arrive import arrive
from voc.plugin import Accepted, HttpCall, Refused, Reply
from voc.plugin_host import PluginFailed
from voc.plugin_host.context import accepting_context
from voc.security.signatures import signed

if TYPE_CHECKING:
    from voc.model import Channel
    from voc.runtime import Runtime

log = logging.getLogger(__name__)

blueprint = Blueprint("arrivals", __name__)

LONGEST_KEY = 60
# One call in the web process: short, because a request thread waits for it.
CALL = 5.0
MOST_REPLY = 10_000
_PLAIN = ("text/plain", "application/json")


@blueprint.route("/in/<key>", methods=["GET", "POST"], provide_automatic_options=False)
def deliver(key: str) -> Response:
    """Store what a vendor pushed; a GET can only be a vendor's challenge."""
    runtime = here.runtime()
    channel = _channel(runtime, key)
    found = runtime.host.channel(channel.kind) if channel else None
    if channel is not None and found is None and channel.kind != "api":
        # Set aside, or being written just now: whoever sends keeps it until it is back.
        raise Problem(503, "busy", "This channel cannot take it just now.")
    if channel is None or found is None or not runtime.host.capable(channel.kind, "ACCEPT"):
        raise Problem(404, "not_found", "There is nothing here.")
    body = request.get_data(cache=False)
    # Some servers cut a body of undeclared length at the limit without a word: then equal is too large.
    if len(body) >= runtime.settings.body_limit:
        raise Problem(413, "too_large", f"The body is larger than {runtime.settings.body_limit} bytes.")
    plugin, implementation = found
    ctx = accepting_context(runtime, channel, writable=request.method == "POST")
    headers = {name.lower(): value for name, value in request.headers.items()}
    if request.method == "POST" and implementation.signature is not None:
        secret = str(ctx.options.get(implementation.signature.secret) or "")
        if not secret or not signed(implementation.signature, secret, headers, body, now=runtime.clock()):
            raise Problem(401, "unauthorized", "The signature is missing or wrong.")
    call = HttpCall(
        "GET" if request.method in ("GET", "HEAD") else "POST", headers, request.args.to_dict(flat=True), body
    )
    try:
        answer = runtime.host.guard.call(plugin, implementation.accept, ctx, call, limit=CALL)
    except PluginFailed as error:
        raise Problem(503, "busy", "This channel cannot take it just now.") from error
    return _answered(runtime, channel, call, answer)


def _channel(runtime: Runtime, key: str) -> Channel | None:
    if len(key) > LONGEST_KEY or not is_storable(key):
        return None
    with runtime.db.reading() as session:
        return queries.channel_by_key(session, key)


def _answered(runtime: Runtime, channel: Channel, call: HttpCall, answer: Any) -> Response:
    if isinstance(answer, Refused):
        status = answer.status if 400 <= answer.status < 500 else 400
        log.info("delivery refused", extra={"channel": channel.slug, "reason": shorten(answer.reason, 300)})
        if status == 404:
            raise Problem(404, "not_found", "There is nothing here.")
        if status == 401:
            raise Problem(401, "unauthorized", "The signature is missing or wrong.")
        raise Problem(status, "refused", "This channel does not take it.")
    if isinstance(answer, Reply):
        kind = answer.content_type if answer.content_type in _PLAIN else "text/plain"
        return Response(str(answer.body)[:MOST_REPLY], status=200, content_type=f"{kind}; charset=utf-8")
    if not isinstance(answer, Accepted) or not isinstance(answer.body, bytes) or call.method == "GET":
        raise Problem(404, "not_found", "There is nothing here.")
    arrive(
        runtime.writer,
        runtime.keys,
        door=Door.PUSH,
        channel_id=channel.id,
        body=answer.body,
        content_type=answer.content_type,
        now=runtime.clock(),
        delivery_id=answer.delivery_id,
        headers=answer.headers,
    )
    runtime.wake()
    return Response(status=204)
