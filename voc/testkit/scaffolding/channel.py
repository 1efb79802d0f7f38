"""The code of a new channel: one method for each capability, and one guess about the vendor in each."""

from __future__ import annotations

from collections.abc import Mapping

from voc.testkit.scaffolding.asking import with_answers
from voc.testkit.scaffolding.papers import filled


def code(words: Mapping[str, str], capabilities: frozenset[str]) -> str:
    """`__init__.py`."""
    names = {"Author", "Channel", "Context", "Health", "Inbound", "Options", "Raw", "ReadItem", "View", "hookimpl"}
    parts = []
    asks = bool(capabilities & {"FETCH", "SEND"})
    for capability, (text, needs) in _METHODS.items():
        if capability in capabilities:
            parts.append(text)
            names |= needs
    if asks:
        names |= {"Misconfigured", "TryLater", "Undeliverable"}
    if "EDITS" in capabilities:
        names |= {"Deleted", "Edited"}
    if "FORM" in capabilities:
        names.add("Robot")
    options = [option for option, wanted in _OPTIONS if wanted & capabilities]
    names |= {"Option"} if options else set()
    imported = ",\n    ".join(sorted(names, key=lambda name: (name[0].islower(), name)))
    body = _HEAD.replace("@imports@", imported).replace("@standard@", _standard(capabilities))
    body = body.replace(
        "@options@", "".join(f"\n        {option}," for option in options) + ("\n    " if options else "")
    )
    body += _SIGNATURE if "ACCEPT" in capabilities else ""
    body += "".join(f"\n{part}" for part in [_CHECK_ASKING if asks else _CHECK, *parts])
    body += "\n" + (
        _READ_FORM if capabilities & {"FORM"} and not capabilities & {"ACCEPT", "FETCH"} else _read(capabilities)
    )
    body += _SUBMITTED_TOO if "FORM" in capabilities and capabilities & {"ACCEPT", "FETCH"} else ""
    body += _ASK if asks else ""
    body += _HOOK
    return filled(body, words)


def _standard(capabilities: frozenset[str]) -> str:
    form = not capabilities & {"ACCEPT", "FETCH"}
    lines = [] if form else ["import hashlib"]
    if capabilities & {"FETCH"}:
        lines.append("import json")
    lines.append("from collections.abc import Iterable" + (", Mapping" if "FETCH" in capabilities else ""))
    if not form:
        lines += ["from datetime import datetime"]
    return "\n".join([*lines, "from typing import Any"])


def _read(capabilities: frozenset[str]) -> str:
    edits = _EDITS if "EDITS" in capabilities else ""
    thread = '\n            thread=(data["answers"],) if isinstance(data.get("answers"), str) else (),'
    reply = '\n            reply_to={"to": identity},'
    form = _FORM_TOO if "FORM" in capabilities else ""
    text = _READ.replace("@edits@", edits).replace("@form@", form)
    more = (thread if "THREADS" in capabilities else "") + (reply if "SEND" in capabilities else "")
    return text.replace("@more@", more)


_OPTIONS = (
    ('Option("base_url", "Address of the server.", default="https://api.@dashed@.example")', {"FETCH", "SEND"}),
    ('Option("token", "What voc signs in with.", secret=True, required=True)', {"FETCH", "SEND"}),
    ('Option("secret", "What the vendor signs its requests with.", secret=True, required=True)', {"ACCEPT"}),
)

_HEAD = '''\
"""@title@ as a channel of voc. Of voc it imports the contract, `voc.plugin`, and nothing else."""

from __future__ import annotations

@standard@

from voc.plugin import (
    @imports@,
)


class @class@Channel(Channel):
    """FILL IN: what one channel of this kind is (one mailbox, one page, one number)."""

    kind = "@kind@"
    title = "@title@"
    options = Options(@options@)
'''

_SIGNATURE = """\
    # The host checks this over the raw bytes before accept is called. FILL IN: how the vendor signs.
    signature = Signature("hmac-sha256-hex", secret="secret", header="x-signature", prefix="sha256=")
"""

_CHECK = '''\
    def check(self, ctx: Context) -> Health:
        """FILL IN: say whether the channel could work with these options."""
        return Health("ok", "Ready.")
'''

_CHECK_ASKING = '''\
    def check(self, ctx: Context) -> Health:
        """Ask the vendor whether we may come in."""
        try:
            _ask(ctx, "GET", "/messages", {"after": "0", "limit": "1"})  # FILL IN: something that changes nothing
        except (TryLater, Misconfigured, Undeliverable) as error:
            return Health("failing", f"{error}.")
        return Health("ok", "Connected.")
'''

_ACCEPT = '''\
    def accept(self, ctx: Context, call: HttpCall) -> Accepted | Reply | Refused:
        """Take what the vendor posts: fast, and without reading it."""
        if call.method == "GET":
            return Refused("nothing is to be seen here", 404)  # FILL IN: a Reply, when the vendor sends a challenge
        # FILL IN: the vendor's id of this delivery, from what is signed.
        return Accepted(call.body, "application/json", hashlib.sha256(call.body).hexdigest())
'''

_FETCH = '''\
    def fetch(self, ctx: Context, cursor: Mapping[str, Any] | None) -> Page:
        """The next messages, oldest first, and where to go on."""
        after = (cursor or {}).get("after")
        after = after if isinstance(after, int) and not isinstance(after, bool) and after >= 0 else 0
        # FILL IN: how the vendor gives what is new. Here: numbered messages, and the number of the last one.
        found = _ask(ctx, "GET", "/messages", {"after": str(after), "limit": "50"})
        if found.get("last", 0) < after:  # the vendor began anew
            after, found = 0, _ask(ctx, "GET", "/messages", {"after": "0", "limit": "50"})
        messages = found.get("messages") or []
        items = tuple(
            Pulled(json.dumps(item["message"]).encode(), "application/json", f"{item['number']}:{item['version']}")
            for item in messages
        )
        reached = messages[-1]["number"] if messages else after
        return Page(items, {"after": reached}, more=reached < found.get("last", 0))
'''

_FORM = '''\
    def form(self, view: View) -> Form:
        """FILL IN: the questions, in every language."""
        return Form(
            title={"es": "¿Qué tal?", "pt": "Como foi?", "en": "How was it?"},
            fields=(
                Field(
                    "score",
                    "score",
                    {"es": "¿Nos recomendarías?", "pt": "Você nos recomendaria?", "en": "Would you recommend us?"},
                    scale=Scale(
                        "nps",
                        0,
                        10,
                        {"es": "nunca", "pt": "nunca", "en": "never"},
                        {"es": "seguro", "pt": "com certeza", "en": "surely"},
                    ),
                ),
                Field("text", "long_text", {"es": "¿Por qué?", "pt": "Por quê?", "en": "Why?"}, limit=10_000),
            ),
            submit={"es": "Enviar", "pt": "Enviar", "en": "Send"},
            languages=("es", "pt", "en"),
            needs_one_of=("score", "text"),
        )
'''

_SEND = '''\
    def send(self, ctx: Context, message: Outbound) -> Sent:
        """Answer the customer. The same message_id is the same answer: hand it on as the idempotency key."""
        target = message.reply_to.get("to")
        if not target:
            raise Undeliverable("it is not known whom this answers")
        # FILL IN: how the vendor takes an answer.
        found = _ask(ctx, "POST", "/answers", data={"to": target, "text": message.text}, key=message.message_id)
        if not found.get("id"):
            raise TryLater("the server does not say whether it took the answer")
        return Sent(str(found["id"]))
'''

_METHODS: dict[str, tuple[str, set[str]]] = {
    "ACCEPT": (_ACCEPT, {"Accepted", "HttpCall", "Refused", "Reply", "Signature"}),
    "FETCH": (_FETCH, {"Page", "Pulled"}),
    "FORM": (_FORM, {"Field", "Form", "Scale"}),
    "SEND": (_SEND, {"Outbound", "Sent"}),
}

_READ = '''\
    def read(self, view: View, raw: Raw) -> Iterable[ReadItem]:
        """Say what is in a stored message: the same every time; no network, no clock, no file."""
        data = view.json(raw)
@form@        # FILL IN: where the vendor puts things. Raise ValueError with a sentence for what you do not understand.
        if not isinstance(data, dict) or not isinstance(data.get("text"), str):
            raise ValueError("this is no message: it has no text")
        identity = _identity(data, raw)
@edits@        score, metric = data.get("score"), data.get("metric")
        if score is not None and (type(score) is not int or metric not in ("nps", "csat", "ces", "stars")):
            raise ValueError(f"the score {score!r} is none, or does not say what it answers")
        name = data.get("name")
        yield Inbound(
            external_id=identity,
            text=data["text"],
            metric=metric if score is not None else None,
            score=score,
            sent_at=_moment(data.get("sent_at")),
            author=Author(name=name.replace("\\x00", "")[:200]) if isinstance(name, str) and name else None,@more@
        )


def _identity(data: dict[str, Any], raw: Raw) -> str:
    """The vendor's id; without one, what follows from the content."""
    found = data.get("id")
    if isinstance(found, str) and found.strip("\\x00"):
        return found.replace("\\x00", "")[:1000]
    return "content " + hashlib.sha256(raw.body).hexdigest()


def _moment(value: Any) -> datetime | None:
    """A time with its zone; None when the vendor says none, or one that cannot be."""
    try:
        found = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return None
    return found if found.tzinfo else None
'''

_EDITS = """\
        if data.get("deleted") is True:
            yield Deleted(identity)
            return
        if data.get("edited"):
            yield Edited(identity, data["text"], _moment(data["edited"]))
            return
"""

_FORM_TOO = """\
        if isinstance(data, dict) and "submission_id" in data:
            yield from _submitted(data)
            return
"""

_SUBMITTED = """\
    values = data.get("values")
    identity = data.get("submission_id")
    if not isinstance(values, dict) or not isinstance(identity, str) or not identity:
        raise ValueError("this is no submission of a form")
    if data.get("robot"):
        yield Robot(str(data["robot"]))
        return
    score = values.get("score")
    if score is not None and type(score) is not int:
        raise ValueError(f"the score {score!r} is no number")
    name = values.get("name")
    yield Inbound(
        external_id=identity.replace("\\x00", ""),
        text=values.get("text"),
        metric=values.get("score.metric") or "nps" if score is not None else None,
        score=score,
        author=Author(name=name.replace("\\x00", "")[:200]) if isinstance(name, str) and name else None,
    )
"""

_READ_FORM = (
    '''\
    def read(self, view: View, raw: Raw) -> Iterable[ReadItem]:
        """One submission, as voc stored it. FILL IN: a field of yours."""
        data = view.json(raw)
        if not isinstance(data, dict):
            raise ValueError("this is no submission of a form")
        yield from _submitted(data)


def _submitted(data: dict[str, Any]) -> Iterable[ReadItem]:
    """What one customer filled in."""
'''
    + _SUBMITTED
)

_SUBMITTED_TOO = (
    '''

def _submitted(data: dict[str, Any]) -> Iterable[ReadItem]:
    """What one customer filled in."""
'''
    + _SUBMITTED
)

_ASK = with_answers('''

def _ask(
    ctx: Context, method: str, path: str, query: dict[str, str] | None = None, data: Any = None, key: str = ""
) -> dict[str, Any]:
    """One request; raises what the host understands. No secret may stand in what is raised."""
    url = f"{str(ctx.options.get('base_url') or '').rstrip('/')}{path}"
    headers = {"Authorization": f"Bearer {ctx.options.get('token')}", "Idempotency-Key": key}
    try:
        answer = ctx.http.request(method, url, params=query, json=data, headers=headers, allow_redirects=False)
@refused@
    if answer.status_code in (404, 410) and method != "GET":
        raise Undeliverable("whom this answers is not there any more")
    if answer.status_code in (404, 410):
        raise Misconfigured("the server does not know this address: check base_url")
@answered@
''')

_HOOK = '''

@hookimpl
def voc_channels() -> list[type[Channel]]:
    """The channels of this plugin."""
    return [@class@Channel]
'''
