"""`voc channel tail`: what comes and goes, live, with secrets and personal data masked."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from tests.conftest import worker_of
from tests.doors.postbox import Box, drop
from voc.cli import cli
from voc.core.settings import Settings
from voc.core.vocabulary import Door
from voc.intake.arrive import arrive
from voc.intake.channels import add_channel
from voc.model import Channel
from voc.plugin_host.masking import masker
from voc.runtime import Runtime
from voc.runtime.instance import open_instance
from voc.runtime.tail.discreet import Discreet
from voc.runtime.tail.traffic import Traffic

SECRET = "open-sesame-7731"
PATIENCE = 30.0


class Desk:
    """An instance with a postbox to which anything can be brought."""

    def __init__(self, settings: Settings, folder: Path) -> None:
        self.settings, self.box = settings, Box(folder)
        self.runtime: Runtime = open_instance(settings, create=False)
        with self.runtime.db.writing() as session:
            self.channel: Channel = add_channel(
                session, self.runtime.host, kind="postbox", name="Post", slug="post", keys=self.runtime.keys,
                options={"folder": str(folder), "password": SECRET}, now=self.runtime.clock(),
            )  # fmt: skip
        self.work = worker_of(self.runtime)

    def bring(self, body: Any, name: str = "d-1", content_type: str = "application/json") -> str:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        found = arrive(
            self.runtime.writer, self.runtime.keys, door=Door.PUSH, channel_id=self.channel.id, body=data,
            content_type=content_type, now=self.runtime.clock(), delivery_id=name,
        )  # fmt: skip
        return str(found.receipt_id)

    @property
    def environment(self) -> dict[str, str]:
        return {"VOC_INSTANCE": str(self.settings.instance)}

    def voc(self, *arguments: str) -> Result:
        return CliRunner().invoke(cli, ["channel", "tail", "post", *arguments], env=self.environment)

    def events(self, *arguments: str) -> list[dict[str, Any]]:
        done = self.voc("--no-follow", "--json", *arguments)
        assert done.exit_code == 0, done.output
        return [json.loads(line) for line in done.stdout.splitlines()]

    def following(self, *arguments: str) -> subprocess.Popen[str]:
        environment = {**os.environ, **self.environment}
        return subprocess.Popen(
            [sys.executable, "-u", "-m", "voc", "channel", "tail", "post", *arguments],
            env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip


@pytest.fixture
def desk(sqlite_settings: Settings, tmp_path: Path) -> Iterator[Desk]:
    drop(sqlite_settings.instance)
    found = Desk(sqlite_settings, tmp_path / "box")
    yield found
    found.runtime.close()


def test_each_receipt_is_followed_by_what_became_of_it(desk: Desk) -> None:
    good = desk.bring({"external_id": "7", "text": "Malo"}, "d-7")
    bad = desk.bring(b"nonsense", "d-8", "text/plain")
    robot = desk.bring({"external_id": "9", "what": "robot"}, "d-9")
    desk.work()
    waiting = desk.bring({"external_id": "10", "text": "Tarde"}, "d-10")
    events = desk.events()
    assert [(event["what"], event["id"]) for event in events] == [
        ("in", good), ("read", good), ("in", bad), ("quarantined", bad), ("in", robot), ("robot", robot),
        ("in", waiting),
    ]  # fmt: skip
    assert (events[0]["delivery_id"], events[0]["bytes"], events[0]["door"]) == ("d-7", 36, "push")
    assert json.loads(events[0]["line"])["text"] == "Malo"
    assert len(events[1]["feedback"]) == 1
    assert "JSONDecodeError" in events[3]["reason"] or "Expecting value" in events[3]["reason"]
    assert events[5]["reason"] == "a machine wrote this"
    lines = desk.voc("--no-follow").stdout.splitlines()
    assert len(lines) == len(events)
    assert f"in   {good} 36 bytes application/json (d-7)" in lines[0]
    assert lines[1].split()[:3] == ["→", good, "read"]
    assert [event["id"] for event in desk.events("--last", "1")] == [waiting]
    assert desk.events("--last", "0") == []


def test_no_secret_and_nobody_shows(desk: Desk) -> None:
    bodies: list[tuple[Any, str]] = [
        ({"token": SECRET, "text": f"mi clave es {SECRET}", "author": {"name": "Ana Quispe", "id": 51987654321}}, ""),
        (
            {
                "from": "Ana Quispe",
                "text": "llámeme al +51 987 654 321 o ana@example.com",
                "customer_name": "Ana Quispe",
            },
            "",
        ),
        (b"From: Ana Quispe <ana@example.com>\nSubject: x\n\nhola", "message/rfc822"),
        (f"name=Ana+Quispe&mail=ana%40example.com&k={SECRET}".encode(), "application/x-www-form-urlencoded"),
        (f"password {SECRET} ana@example.com \x1b[2J".encode(), "text/plain"),
        # Cut off in the middle, so that it is no JSON.
        (
            json.dumps({"first_name": "Ana Quispe", "password": SECRET, "rest": "x" * 20_000}).encode(),
            "application/json",
        ),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4, "image/png"),
    ]
    for number, (body, kind) in enumerate(bodies):
        desk.bring(body, f"{SECRET}-{number}", kind or "application/json")
    desk.work()
    for arguments in (("--no-follow",), ("--no-follow", "--json")):
        shown = desk.voc(*arguments).stdout
        for word in (SECRET, "Ana", "Quispe", "ana@", "987 654", "51987654321", "\x1b", desk.channel.key):
            assert word not in shown, (word, shown)
        assert shown.count("…") > 5
        assert "(not text)" in shown
        assert "mi clave es …" in shown


def test_what_comes_later_is_shown_once_and_in_order(desk: Desk) -> None:
    with desk.runtime.db.reading() as session:
        channel = session.get(Channel, desk.channel.id)
    assert channel is not None
    old = desk.bring({"external_id": "1", "text": "antes"}, "d-1")
    traffic = Traffic(desk.runtime.db, channel, {}, desk.runtime.clock)
    traffic.skip()
    assert [event["id"] for event in traffic.past(5)] == [old]
    assert traffic.look() == []
    new = desk.bring({"external_id": "2", "text": "después"}, "d-2")
    assert [(event["what"], event["id"]) for event in traffic.look()] == [("in", new)]
    desk.work()
    assert sorted((event["what"], event["id"]) for event in traffic.look()) == [("read", old), ("read", new)]
    assert traffic.look() == []
    with desk.runtime.db.writing() as session:
        other = add_channel(
            session, desk.runtime.host, kind="postbox", name="Other", slug="other", keys=desk.runtime.keys,
            options={"folder": str(desk.box.folder)}, now=desk.runtime.clock(),
        ).id  # fmt: skip
    desk.channel, mine = Channel(id=other), desk.channel
    desk.bring({"external_id": "3", "text": "ajeno"}, "d-3")
    assert traffic.look() == []
    desk.channel = mine


def watched(process: subprocess.Popen[str]) -> tuple[list[str], threading.Thread]:
    """The lines of a process as they come."""
    found: list[str] = []
    stream = process.stdout
    assert stream is not None
    reader = threading.Thread(target=lambda: found.extend(iter(stream.readline, "")), daemon=True)
    reader.start()
    return found, reader


def wait(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_follows_until_it_is_stopped(desk: Desk, number: signal.Signals) -> None:
    desk.bring({"external_id": "1", "text": "antes"})
    with desk.following("--json") as process:
        lines, reader = watched(process)
        wait(lambda: len(lines) == 1)
        desk.bring({"external_id": "2", "text": "después"}, "d-2")
        wait(lambda: len(lines) == 2)
        desk.work()
        wait(lambda: len(lines) == 4)
        assert [json.loads(line)["what"] for line in lines] == ["in", "in", "read", "read"]
        process.send_signal(number)
        assert process.wait(timeout=PATIENCE) == 0
        reader.join(timeout=PATIENCE)
        assert process.stderr is not None
        assert process.stderr.read() == ""


@pytest.mark.slow
def test_it_ends_when_nobody_reads_any_more(desk: Desk) -> None:
    with desk.following("--last", "0") as process:
        assert process.stdout is not None
        time.sleep(1)
        assert process.poll() is None
        process.stdout.close()
        assert process.wait(timeout=PATIENCE) == 0


def test_in_a_person_ids_are_masked_and_the_language_is_not() -> None:
    discreet = Discreet(str, ())
    body = b'{"from": {"id": 77, "age": 5, "language_code": "es", "first_name": "Ana"}, "chat": {"id": 12}}'
    line = discreet.first_line(body, "application/json", whole=True)
    assert '"language_code": "es"' in line
    assert '"age": 5' in line
    assert '"chat": {"id": 12}' in line
    assert "77" not in line
    assert "Ana" not in line


def test_deep_and_wide_data_is_no_danger() -> None:
    discreet = Discreet(masker({}), ("PE",))
    deep = b'{"a":' * 5_000 + b"1" + b"}" * 5_000
    assert discreet.first_line(deep, "application/json", whole=True)
    assert discreet.first_line(
        b"&".join(b"a=%d" % n for n in range(500)), "application/x-www-form-urlencoded", whole=True
    )
    assert discreet.first_line(b"", "text/plain", whole=True) == ""
    line = discreet.first_line(b'{"score": 0, "ok": true, "none": null, "n": 1.5}', "application/json", whole=True)
    assert line == '{"score": 0, "ok": true, "none": null, "n": 1.5}'
