"""The fixtures of a new channel: the vendor's messages, its signed requests, its server on loopback."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from voc.testkit.scaffolding.papers import filled


def code(words: Mapping[str, str], capabilities: frozenset[str]) -> str:
    """`fixtures.py`."""
    if not capabilities & {"ACCEPT", "FETCH"}:
        return filled(_FORM_ONLY, words)
    asks = bool(capabilities & {"FETCH", "SEND"})
    accepts = "ACCEPT" in capabilities
    options = ['"token": "token-of-the-fixtures"'] if asks else []
    options += ['"secret": "secret-of-the-fixtures"'] if accepts else []
    standard = ["import hashlib", "import hmac"] if accepts else []
    standard += ["import json"]
    standard += ["from collections.abc import Mapping"] if accepts else []
    standard += ["from contextlib import AbstractContextManager"] if asks else []
    standard += ["from datetime import datetime"] if accepts else []
    text = _HEAD.replace("@standard@", "\n".join([*standard, "from typing import Any"]))
    text = text.replace("@contract@", "Author, HttpCall, Inbound, Raw" if accepts else "Author, Inbound, Raw")
    text = text.replace(
        "@kit@", "NOW, Answer, Asked, Fixtures, HttpVendor, Said, Sample" if asks else "NOW, Fixtures, Said, Sample"
    )
    unknown = [line for when, line in _CANNOT if when(capabilities)]
    sample = _SAMPLE.replace(
        "@reply@", '\n                    reply_to={"to": "m-7"},' if "SEND" in capabilities else ""
    )
    text += _VENDOR if asks else ""
    text += _FIXTURES.replace("@options@", ", ".join(options)).replace("@cannot@", "\n".join(unknown))
    text = text.replace("@sample@", sample)
    text += (_CALL if accepts else "") + (_MAKES if asks else "")
    return filled(text, words)


_CANNOT: tuple[tuple[Callable[[frozenset[str]], bool], str], ...] = (
    (lambda can: True, '        "attachments": "the messages of this example hold no files",'),
    (
        lambda can: "THREADS" not in can,
        '        "answers": "the messages of this example do not say what they answer",',
    ),
    (lambda can: "ACCEPT" in can, '        "signature-stale": "the example signs the body alone, without the time",'),
)

_SAMPLE = """\
    samples = (
        # FILL IN: what the vendor really sent once, with people's data taken out, and what is to be read in it.
        Sample(
            b'{"id": "m-7", "text": "Llego abierta", "name": "Ana"}',
            "application/json",
            (
                Inbound(
                    external_id="m-7",
                    text="Llego abierta",
                    author=Author(name="Ana"),@reply@
                ),
            ),
        ),
    )"""

_HEAD = '''\
"""What the conformance kit needs to know of @title@. FILL IN whatever is only a guess about the vendor."""

from __future__ import annotations

@standard@

from voc.plugin import @contract@
from voc.testkit import @kit@


def message(said: Said) -> dict[str, Any]:
    """FILL IN: `said` as the vendor writes it."""
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
    }
'''

_VENDOR = '''

class Vendor(HttpVendor):
    """FILL IN: the vendor's server, as far as the channel asks it. What goes wrong there is brought by HttpVendor."""

    def __init__(self) -> None:
        super().__init__()
        self.messages: list[dict[str, Any]] = []
        self.answers: dict[str, str] = {}

    def put(self, said: Said) -> None:
        """A customer says something."""
        self.messages.append({"number": len(self.messages) + 1, "version": 1, "message": message(said)})

    def reset(self) -> None:
        """The server begins anew."""
        self.messages.clear()

    def answer(self, asked: Asked) -> Answer:
        """What the server answers."""
        if asked.headers.get("authorization") != "Bearer token-of-the-fixtures":
            return Answer({"error": "who are you?"}, 401)
        if asked.method == "GET":
            after, limit = int(asked.query["after"][0]), int(asked.query["limit"][0])
            found = [item for item in self.messages if item["number"] > after]
            return Answer({"messages": found[:limit], "last": len(self.messages)})
        key = asked.headers["idempotency-key"]
        if key not in self.answers:
            self.answers[key] = f"answer-{len(self.answers) + 1}"
            self.take(key, json.loads(asked.body)["text"])
        return Answer({"id": self.answers[key]})
'''

_FIXTURES = '''

class @class@Fixtures(Fixtures):
    """FILL IN: options that work; real messages as `samples`; what the vendor does not know, each with its reason."""

    options = {@options@}
@sample@
    cannot = {
@cannot@
    }

    def raw(self, said: Said) -> Raw:
        """`said` as the channel stores it."""
        return Raw(json.dumps(message(said)).encode(), "application/json", NOW, {}, said.id)
'''

_CALL = '''
    def call(self, raw: Raw, *, at: datetime, options: Mapping[str, Any]) -> HttpCall:
        """FILL IN: the vendor's signed request."""
        signature = hmac.new(str(options["secret"]).encode(), raw.body, hashlib.sha256).hexdigest()
        return HttpCall("POST", {"x-signature": f"sha256={signature}"}, {}, raw.body)
'''

_MAKES = '''
    def vendor(self) -> AbstractContextManager[Vendor]:
        """The server, running."""
        return Vendor.running()
'''

_FORM_ONLY = '''\
"""What the conformance kit needs to know of @title@: voc draws the form, so that it knows what a submission is."""

from __future__ import annotations

from voc.plugin import Inbound
from voc.testkit import Fixtures, Sample


class @class@Fixtures(Fixtures):
    """FILL IN: options that work, and how your fields differ from text, score, name and email (`raw`)."""

    options = {}
    samples = (
        Sample(
            b'{"submission_id": "s-1", "values": {"text": "Malo", "score": 0}}',
            "application/json",
            (Inbound(external_id="s-1", text="Malo", metric="nps", score=0),),
        ),
    )
    cannot = {
        "sent_at": "a submission is said when it arrives",
        "no-id": "voc gives every page a submission id of its own",
        "attachments": "the form asks for no files",
        "answers": "a form answers nothing",
    }
'''
