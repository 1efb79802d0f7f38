"""`voc serve --dev`: what is saved is loaded anew in web and worker, and nothing that the channel knows is lost."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from voc.core.vocabulary import ReceiptState
from voc.intake import queries
from voc.intake.channels import add_channel
from voc.model import Channel, Feedback, Receipt
from voc.runtime import Runtime
from voc.runtime.instance import open_instance

pytestmark = pytest.mark.slow

SECRET = "open-sesame-7731"
MANIFEST = 'name = "acme"\ncontract = 1\nkinds = ["acme"]\ncapabilities = ["ACCEPT", "FETCH"]\n'
CODE = """\
from voc.plugin import Accepted, Channel, Inbound, Option, Options, Page, Pulled, hookimpl

from .words import word


class Acme(Channel):
    kind = "acme"
    options = Options(
        Option("password", "To open it.", secret=True), Option("poll_seconds", "Pause.", type="number", default=60)
    )

    def accept(self, ctx, call):
        ctx.store.set("calls", (ctx.store.get("calls") or 0) + 1)
        return Accepted(call.body + word().encode(), "text/plain", call.headers.get("x-id"))

    def fetch(self, ctx, cursor):
        number = (cursor or {}).get("n", 0) + 1
        return Page((Pulled(b"fetched", "text/plain", f"f-{number}"),), {"n": number})

    def read(self, view, raw):
        if b"raise" in raw.body:
            raise LookupError("not in here")
        yield Inbound(external_id=raw.delivery_id, text=f"{word()}: {raw.body.decode()}")


@hookimpl
def voc_channels():
    return [Acme]
"""


class Author:
    """Somebody who writes a plugin while the server runs."""

    def __init__(self, house: Any, runtime: Runtime, until: Callable[..., None]) -> None:
        self.house, self.runtime, self.until = house, runtime, until
        self.folder: Path = house.settings.instance / "plugins" / "acme"

    def save(self, name: str, text: str) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        part = self.folder / f".{name}.part"
        part.write_text(text, encoding="utf-8")
        os.replace(part, self.folder / name)

    def told(self) -> list[str]:
        """What standard error said about the plugin, oldest first."""
        return [line for line in self.house.output().splitlines() if line.startswith("plugin acme: ")]

    def hears(self, words: str, count: int) -> str:
        """Wait for the line of this number; it must have these words."""
        self.until(lambda: len(self.told()) >= count, f"line {count} about the plugin: {self.told()}")
        assert words in self.told()[count - 1], self.told()
        return self.told()[count - 1]

    def channel(self) -> Channel:
        with self.runtime.db.reading() as session:
            found = queries.channel_by_slug(session, "acme")
        assert found is not None
        return found

    def push(self, identity: str, body: bytes = b"hola") -> int:
        path = f"/in/{self.channel().key}"
        status: int = self.house.request("POST", path, body.decode(), {"X-Id": identity})[0]
        return status

    def texts(self) -> set[str | None]:
        with self.runtime.db.reading() as session:
            return set(session.scalars(select(Feedback.text)))

    def states(self) -> dict[str | None, tuple[ReceiptState, str | None]]:
        with self.runtime.db.reading() as session:
            rows = session.execute(select(Receipt.delivery_id, Receipt.state, Receipt.reason))
            return {row.delivery_id: (row.state, row.reason) for row in rows}


@contextmanager
def authoring(house: Any, until: Callable[..., None], **extra: str) -> Iterator[Author]:
    """A house that is served for an author, with the plugin and a channel of it."""
    folder = house.settings.instance / "plugins" / "acme"
    folder.mkdir(parents=True)
    for name, text in {"plugin.toml": MANIFEST, "__init__.py": CODE, "words.py": words("first")}.items():
        (folder / name).write_text(text, encoding="utf-8")
    runtime = open_instance(house.settings, create=False)
    try:
        with runtime.db.writing() as session:
            add_channel(
                session, runtime.host, kind="acme", name="Acme", slug="acme", options={"password": SECRET},
                now=runtime.clock(), keys=runtime.keys,
            )  # fmt: skip
        house.start("--dev", **extra)
        yield Author(house, runtime, until)
    finally:
        runtime.close()


def words(said: str) -> str:
    return f"def word():\n    return {said!r}\n"


@pytest.mark.parametrize("where", ["", "acme"], ids=["apart", "in worker and web"])
def test_a_save_is_live_and_nothing_is_lost(sqlite_house: Any, until: Callable[..., None], where: str) -> None:
    with authoring(sqlite_house, until, VOC_PLUGINS_IN_WORKER=where) as author:
        author.hears("loaded, its files are watched", 1)
        until(lambda: author.channel().cursor == {"n": 1}, "the first page was fetched")
        assert author.push("p1") == 204
        until(lambda: 'first: "hola"first' in author.texts(), "it was read by the first words")
        before = author.channel()

        # Several saves at once are one change, in every module.
        for said in ("secnd", "other"):
            author.save("words.py", words(said))
        author.hears("loaded anew (", 2)
        assert author.push("p2") == 204
        until(lambda: 'other: "hola"other' in author.texts(), "it was read, and accepted, by the new words")
        assert len(author.told()) == 2

        # A broken save: its place, and quarantine. Who sends is asked to come again; what is here waits.
        author.save("__init__.py", CODE + "\n\nboom(\n")
        assert f"[acme/__init__.py:{CODE.count(chr(10)) + 3}]" in author.hears("not loaded: SyntaxError", 3)
        until(lambda: author.push("p3") == 503, "who sends is told that it cannot be taken")
        author.save("__init__.py", CODE)
        author.hears("loaded anew (", 4)
        assert author.push("p3") == 204
        until(lambda: author.states().get("p3", ("",))[0] is ReceiptState.READ, "it is read")

        # What the channel knows is there: key, secrets, cursor, store, and every receipt.
        after = author.channel()
        assert (after.key, after.secrets, after.options) == (before.key, before.secrets, before.options)
        assert (after.cursor, after.store) == ({"n": 1}, {"calls": 3})
        assert {state for state, _ in author.states().values()} == {ReceiptState.READ}
        assert len(author.states()) == 4

        # An exception: where it came from stands in the log.
        assert author.push("p4", b"raise") == 204
        until(lambda: author.states().get("p4", ("",))[0] is ReceiptState.QUARANTINED, "it waits in quarantine")
        log = sqlite_house.output()
        assert "plugin acme raised LookupError: not in here" in log
        assert 'raise LookupError("not in here")' in log
        assert f"{author.folder}/__init__.py:" in log
        assert SECRET not in log
        assert sqlite_house.terminate() < 12


def test_plugins_come_and_go_while_it_is_served(sqlite_house: Any, until: Callable[..., None]) -> None:
    house = sqlite_house
    runtime = open_instance(house.settings, create=False)
    try:
        house.start("--dev")
        author = Author(house, runtime, until)
        until(lambda: "are loaded anew when their files change" in house.output(), "the worker watches")
        assert author.told() == []
        for name, text in {"words.py": words("x"), "__init__.py": CODE, "plugin.toml": MANIFEST}.items():
            author.save(name, text)
        author.hears("loaded anew (", 1)
        author.save("plugin.toml", MANIFEST.replace("contract = 1", "contract = 99"))
        author.hears("not loaded: ", 2)
        for path in author.folder.iterdir():
            path.unlink()
        author.folder.rmdir()
        author.hears("gone", 3)
    finally:
        runtime.close()
