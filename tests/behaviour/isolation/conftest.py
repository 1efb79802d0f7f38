"""A house with a dropped-in plugin that does whatever a submission says, in a process of its own."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest

from voc.core.settings import Settings
from voc.core.vocabulary import ReceiptState
from voc.intake import queries
from voc.intake.channels import add_channel
from voc.intake.submit import submit
from voc.jobs.engine import Engine
from voc.runtime import Runtime
from voc.runtime.instance import open_instance

CODE = """\
import os
import threading
import time
from voc.plugin import (
    Accepted, Channel, Deleted, Delivery, Edited, Health, Inbound, Misconfigured, Option, Options, Page, Pulled, Raw,
    Refused, Reply, Sent, TryLater, Undeliverable, hookimpl,
)

class Board(Channel):
    kind = "board"
    options = Options(
        Option("password", "To open it.", secret=True),
        Option("do", "What happens in check, accept, fetch and send.", default=""),
        Option("poll_seconds", "How often.", type="number", default=0),
    )

    def _do(self, ctx, **names):
        space = {**globals(), "ctx": ctx, **names}
        exec(ctx.options["do"], space)
        return space.get("answer")

    def check(self, ctx):
        return self._do(ctx) or Health("ok")

    def accept(self, ctx, call):
        return self._do(ctx, call=call) or Accepted(call.body, "application/json", call.headers.get("x-id"))

    def fetch(self, ctx, cursor):
        return self._do(ctx, cursor=cursor) or Page()

    def send(self, ctx, message):
        return self._do(ctx, message=message) or Sent("sent")

    def read(self, view, raw):
        said = view.json(raw)["values"]
        space = {**globals(), "view": view, "raw": raw, "said": said}
        exec(said.get("do", ""), space)
        yield space.get("item") or Inbound(external_id=said["ref"], text=said["text"])

@hookimpl
def voc_channels():
    return [Board]
"""
MANIFEST = 'name = "board"\ncontract = 1\nkinds = ["board"]\ncapabilities = ["ACCEPT", "FETCH", "SEND"]\n'
# A call to a fresh process has to wait until it has loaded everything: on a busy machine that takes more than a second.
LIMIT = 3.0


def drop(instance: Path, name: str = "board", code: str = CODE, manifest: str = MANIFEST) -> Path:
    """Drop a plugin into an instance."""
    folder = instance / "plugins" / name
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "plugin.toml").write_text(manifest.replace("board", name), encoding="utf-8")
    (folder / "__init__.py").write_text(code.replace('"board"', f'"{name}"'), encoding="utf-8")
    return folder


class Yard:
    """A running house with one channel of kind `board`."""

    def __init__(self, runtime: Runtime) -> None:
        self.runtime = runtime
        self._number = 0
        with runtime.db.writing() as session:
            given: dict[str, Any] = {"kind": "board", "name": "Board", "slug": "board", "options": {}}
            self.channel = add_channel(session, runtime.host, **given, now=runtime.clock(), keys=runtime.keys).id

    def say(self, **values: Any) -> Any:
        """One submission; its receipt's id."""
        self._number += 1
        values = {"ref": f"r{self._number}", "text": f"Malo {self._number}", **values}
        return submit(
            self.runtime.writer, self.runtime.keys, channel_id=self.channel, submission_id=f"page-{self._number}",
            form_version=1, language="es", values=values, now=self.runtime.clock(),
        ).receipt_id  # fmt: skip

    def work(self) -> None:
        """Do everything that is due now."""
        engine = Engine(self.runtime, worker="test")
        engine.drain("flow")
        # What took too long is tried again where it holds nobody up.
        engine.drain("door")

    def settle(self, receipt_id: Any, clock: Any) -> ReceiptState:
        """Work until a receipt is read, while a plugin's next start waits its turn; its state then, or in the end."""
        deadline = time.monotonic() + 30
        while self.state(receipt_id)[0] is ReceiptState.STORED and time.monotonic() < deadline:
            self.work()
            clock.forward(seconds=1)
        return self.state(receipt_id)[0]

    def state(self, receipt_id: Any) -> tuple[ReceiptState, str]:
        with self.runtime.db.reading() as session:
            found = queries.receipt_by_id(session, receipt_id)
            return found.state, found.reason or ""

    def children(self) -> set[int]:
        """Every process of a plugin that is alive, and whatever one of them forked."""
        found = set()
        for process in psutil.process_iter(["cmdline", "status"]):
            words = " ".join(process.info["cmdline"] or ())
            if str(self.runtime.settings.instance) in words and "isolated.child" in words:
                found |= {process.pid} if process.info["status"] != psutil.STATUS_ZOMBIE else set()
        return found


@pytest.fixture(params=["process"])
def mode(request: pytest.FixtureRequest) -> str:
    """Where the plugin runs."""
    found: str = request.param
    return found


@pytest.fixture
def open_house(sqlite_settings: Settings, clock: Any) -> Iterator[Callable[..., Runtime]]:
    """Start the house with other settings."""
    running: list[Runtime] = []

    def opened(**changed: Any) -> Runtime:
        found = open_instance(replace(sqlite_settings, plugin_seconds=LIMIT, **changed), create=False, clock=clock)
        running.append(found)
        return found

    yield opened
    for runtime in running:
        runtime.close()


@pytest.fixture
def yard(open_house: Callable[..., Runtime], sqlite_settings: Settings, mode: str) -> Yard:
    drop(sqlite_settings.instance)
    return Yard(open_house(plugins_in_worker=("board",) if mode == "worker" else ()))
