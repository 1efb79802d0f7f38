"""A channel whose other side is a folder: everything a channel can do, for tests of the host with a real plugin.

In the folder, `in/<number>.json` is what there is to fetch, `out/<id>.json` what was sent, and the file `trouble`
says what goes wrong: `later`, `wrong`, `crash`, `lost` (sent, and then the connection breaks), `never`.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

CODE = """\
import json
from datetime import datetime
from pathlib import Path

from voc.plugin import (
    Accepted, Attachment, Author, Channel, Deleted, Delivery, Edited, Health, Ignored, Inbound, Misconfigured, Option,
    Options, Page, Pulled, Refused, Reply, Robot, Sent, Signature, TryLater, Undeliverable, hookimpl,
)


class Postbox(Channel):
    kind = "postbox"
    options = Options(
        Option("folder", "Where it lies.", required=True),
        Option("password", "To open it.", secret=True),
        Option("poll_seconds", "How often.", type="number", default=60),
    )
    signature = Signature("hmac-sha256-hex", secret="password", header="X-Signature", prefix="sha256=")

    def _trouble(self, ctx, *names):
        path = Path(ctx.options["folder"]) / "trouble"
        found = path.read_text() if path.exists() else ""
        return found if found in names else ""

    def check(self, ctx):
        return Health("ok", f"{ctx.options['password']} fits") if ctx.options["password"] else Health("failing", "shut")

    def accept(self, ctx, call):
        if call.method == "GET":
            return Reply(call.query.get("challenge", ""))
        if call.body == b"refuse":
            return Refused("not wanted", 409)
        return Accepted(call.body, "application/json", delivery_id=call.headers.get("x-id"))

    def fetch(self, ctx, cursor):
        trouble = self._trouble(ctx, "later", "wrong", "crash")
        if trouble == "later":
            raise TryLater("the post office is closed", after=120)
        if trouble == "wrong":
            raise Misconfigured("the password does not fit")
        if trouble == "crash":
            raise OSError("the roof fell in")
        after = (cursor or {}).get("after", 0)
        names = sorted(int(path.stem) for path in (Path(ctx.options["folder"]) / "in").glob("*.json"))
        new = [number for number in names if number > after][:2]
        items = tuple(
            Pulled((Path(ctx.options["folder"]) / "in" / f"{n}.json").read_bytes(), "application/json", f"letter {n}")
            for n in new
        )
        more = bool(new) and new[-1] != names[-1]
        return Page(items, {"after": new[-1]} if new else cursor, more)

    def read(self, view, raw):
        letter = view.json(raw)
        what = letter.pop("what", "said")
        if what == "edited":
            yield Edited(letter["external_id"], letter["text"], datetime.fromisoformat(letter["edited_at"]))
        elif what == "deleted":
            yield Deleted(letter["external_id"])
        elif what == "came back":
            yield Delivery(letter["sent_id"], "failed", letter.get("reason", ""))
        elif what == "robot":
            yield Robot("a machine wrote this")
        else:
            letter["author"] = Author(**letter.get("author", {}))
            letter["thread"] = tuple(letter.get("thread", ()))
            letter["attachments"] = tuple(
                Attachment(name, "text/plain", len(body), body.encode()) for name, body in letter.pop("files", [])
            )
            yield Inbound(reply_to={"box": letter["external_id"]}, **letter)

    def send(self, ctx, message):
        trouble = self._trouble(ctx, "later", "wrong", "crash", "lost", "never")
        if trouble == "never":
            raise Undeliverable("nobody lives there any more")
        if trouble == "later":
            raise TryLater("the post office is closed")
        if trouble == "wrong":
            raise Misconfigured("the password does not fit")
        if trouble == "crash":
            raise OSError("the roof fell in")
        name = message.message_id.strip("<>").split("@")[0]
        path = Path(ctx.options["folder"]) / "out" / f"{name}.json"
        tries = json.loads(path.read_text())["tries"] if path.exists() else 0
        sent = {"text": message.text, "reply_to": dict(message.reply_to), "subject": message.subject}
        path.write_text(json.dumps({**sent, "tries": tries + 1}))
        if trouble == "lost":
            raise ConnectionError("the line went dead")
        return Sent(f"out-{name}")


@hookimpl
def voc_channels():
    return [Postbox]
"""
MANIFEST = """\
name = "postbox"
contract = 1
kinds = ["postbox"]
capabilities = ["ACCEPT", "FETCH", "SEND", "THREADS", "EDITS"]
"""


def drop(instance: Path) -> None:
    """Drop the plugin into an instance."""
    folder = instance / "plugins" / "postbox"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "plugin.toml").write_text(MANIFEST, encoding="utf-8")
    (folder / "__init__.py").write_text(CODE, encoding="utf-8")


class Box:
    """The other side of one such channel."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.written = 0
        for name in ("in", "out"):
            (folder / name).mkdir(parents=True, exist_ok=True)

    def put(self, external_id: str, **letter: Any) -> None:
        """Put a letter in."""
        self.written += 1
        path = self.folder / "in" / f"{self.written}.json"
        whole = path.with_suffix(".part")
        whole.write_text(json.dumps({"external_id": external_id, **letter}), encoding="utf-8")
        whole.rename(path)  # a letter lies there whole or not at all

    def trouble(self, kind: str | None) -> None:
        """Let something go wrong from now on; None: all is well again."""
        path = self.folder / "trouble"
        if kind is None:
            path.unlink(missing_ok=True)
        else:
            path.write_text(kind)

    @property
    def sent(self) -> list[dict[str, Any]]:
        """What came out, in no order."""
        return [json.loads(path.read_text()) for path in (self.folder / "out").iterdir()]
