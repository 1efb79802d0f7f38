"""`voc channel`: set keeps what is not named, secrets come from files, on and off, how far behind, reading again."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select

from tests.conftest import worker_of
from tests.doors.postbox import Box, drop
from voc.cli import cli
from voc.core.errors import Conflict, Invalid, NotFound, VocError
from voc.core.settings import Settings
from voc.core.vocabulary import ReceiptState
from voc.intake import queries
from voc.intake.channels import known_secrets
from voc.intake.lag import is_late, lag, short
from voc.model import Channel, Receipt
from voc.runtime import Runtime
from voc.runtime.instance import open_instance

SECRET = "open-sesame-7731"


class House:
    """An instance that knows postboxes, and its commands."""

    def __init__(self, settings: Settings, box: Box) -> None:
        self.settings = settings
        self.box = box
        self.runtime: Runtime = open_instance(settings, create=False)

    def voc(self, *arguments: str, given: str | bytes | None = None) -> Result:
        environment = {"VOC_INSTANCE": str(self.settings.instance)}
        return CliRunner().invoke(cli, ["channel", *arguments], env=environment, input=given)

    def channel(self, slug: str = "post") -> Channel:
        with self.runtime.db.reading() as session:
            found = queries.channel_by_slug(session, slug)
        assert found is not None
        return found

    def secrets(self) -> dict[str, object] | None:
        return known_secrets(self.runtime.keys, self.channel())

    def states(self) -> list[ReceiptState]:
        with self.runtime.db.reading() as session:
            return list(session.scalars(select(Receipt.state).order_by(Receipt.id)))


@pytest.fixture
def house(sqlite_settings: Settings, tmp_path: Path) -> Iterator[House]:
    drop(sqlite_settings.instance)
    found = House(sqlite_settings, Box(tmp_path / "box"))
    yield found
    found.runtime.close()


def opened(house: House, *options: str, given: str | None = None) -> Result:
    folder = f"folder={house.box.folder}"
    return house.voc("add", "postbox", "Post", "--option", folder, *options, given=given)


def test_secrets_come_from_files_and_standard_input(house: House, tmp_path: Path) -> None:
    file = tmp_path / "secret.txt"
    file.write_text(f"{SECRET}\n", encoding="utf-8")
    done = opened(house, "--option", f"password=@{file}")
    assert (done.exit_code, done.stderr.count(SECRET), SECRET in done.stdout) == (0, 0, False)
    assert house.secrets() == {"password": SECRET}
    assert house.voc("set", "post", "--option", "password=-", given="from stdin\n").exit_code == 0
    assert house.secrets() == {"password": "from stdin"}
    plain = house.voc("set", "post", "--option", "password=plain-1")
    assert (plain.exit_code, "password=@FILE" in plain.stderr, "plain-1" in plain.stderr) == (0, True, False)
    assert house.secrets() == {"password": "plain-1"}
    assert house.voc("set", "post", "--forget", "password").exit_code == 0
    assert house.secrets() == {}


def test_only_a_secret_is_looked_for_in_a_file(house: House) -> None:
    assert opened(house).exit_code == 0
    assert house.voc("set", "post", "--option", "folder=@aurora").exit_code == 0
    assert house.channel().options["folder"] == "@aurora"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--option", "password=@/nowhere/at/all"], "cannot be read"),
        (["--option", "password=-"], "there is nothing to read"),
        (["--option", "password"], "must look like name=value"),
        (["--option", "color=red"], "no such option"),
        (["--option", "poll_seconds=soon"], "must be a whole number"),
        (["--option", "folder="], "must be given"),
        (["--forget", "folder"], "is no secret"),
        (["--name", " "], "The name is missing"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_stored(house: House, arguments: list[str], words: str) -> None:
    opened(house)
    before = house.channel()
    done = house.voc("set", "post", *arguments, given="")
    assert isinstance(done.exception, Invalid)
    assert words in str(done.exception)
    assert (house.channel().version, house.channel().options) == (before.version, before.options)


def test_set_keeps_what_is_not_named(house: House) -> None:
    opened(house, "--option", "password=-", "--option", "poll_seconds=90", given=SECRET)
    assert house.voc("set", "post", "--name", "Buzón").exit_code == 0
    channel = house.channel()
    assert (channel.name, channel.options["poll_seconds"], channel.version) == ("Buzón", 90, 2)
    assert house.secrets() == {"password": SECRET}
    assert house.voc("set", "post").exit_code == 0
    assert house.channel().version == 2, "nothing changed"
    assert house.voc("set", "post", "--option", "poll_seconds=").exit_code == 0
    assert house.channel().options["poll_seconds"] == 60, "what the plugin proposes"


def test_on_and_off(house: House) -> None:
    opened(house)
    for _ in range(2):
        assert house.voc("off", "post").exit_code == 0
    assert not house.channel().active
    assert "inactive" in next(line for line in house.voc("list").stdout.splitlines() if " post " in line)
    assert house.voc("on", "post").exit_code == 0
    assert house.channel().active
    assert house.channel().version == 1


def test_how_far_behind_it_is(house: House) -> None:
    opened(house)
    line = next(line for line in house.voc("list").stdout.splitlines() if " post " in line)
    assert line.split()[3] == "-"
    with house.runtime.db.writing() as session:
        session.get_one(Channel, house.channel().id).fetched_at = house.runtime.clock() - timedelta(hours=3, minutes=5)
    line = next(line for line in house.voc("list").stdout.splitlines() if " post " in line)
    assert line.split()[2:5] == ["ok", "3h", "Post"]


@pytest.mark.parametrize("fact", ["tested_at", "fetched_at", "arrived_at"])
def test_it_is_new_until_somebody_looked(house: House, fact: str) -> None:
    """That it works is said of no channel of which nothing is known yet."""
    opened(house)

    def state() -> str:
        return next(line for line in house.voc("list").stdout.splitlines() if " post " in line).split()[2]

    assert state() == "new"
    with house.runtime.db.writing() as session:
        setattr(session.get_one(Channel, house.channel().id), fact, house.runtime.clock())
    assert state() == "ok"
    with house.runtime.db.writing() as session:
        channel = session.get_one(Channel, house.channel().id)
        channel.health = "failing"
        setattr(channel, fact, None)
    assert state() == "failing"


def test_a_form_is_new_until_it_is_made(house: House) -> None:
    def state() -> str:
        return next(line for line in house.voc("list").stdout.splitlines() if line.startswith("webform ")).split()[2]

    assert state() == "ok"
    with house.runtime.db.writing() as session:
        session.get_one(Channel, house.channel("feedback").id).form = None
    assert state() == "new"


def test_reading_again(house: House) -> None:
    opened(house)
    for number in range(3):
        house.box.written += 1
        (house.box.folder / "in" / f"{number + 1}.json").write_text("no letter", encoding="utf-8")
    assert isinstance(house.voc("replay", "post").exception, VocError)
    assert isinstance(house.voc("replay", "post", "--all").exception, Conflict)
    work = worker_of(house.runtime)
    work()
    held = [ReceiptState.QUARANTINED] * 3
    assert house.states() == held
    done = house.voc("replay", "post")
    assert (done.exit_code, house.states()) == (0, [*held[:2], ReceiptState.STORED])
    work()
    assert house.states() == held
    assert house.voc("replay", "post", "--all").exit_code == 0
    assert isinstance(house.voc("replay", "post", "--all").exception, Conflict)
    work()
    assert house.states() == held


def test_what_waits_in_quarantine_is_counted_in_the_list(house: House) -> None:
    assert opened(house).exit_code == 0
    assert "quarantine" not in house.voc("list").stdout
    for _ in range(2):
        house.box.put("1", broken=True)
    worker_of(house.runtime)()
    assert "Post [2 in quarantine]" in house.voc("list").stdout


def test_a_replay_says_what_happens(house: House) -> None:
    assert opened(house).exit_code == 0
    house.box.put("1", broken=True)
    worker_of(house.runtime)()
    said = house.voc("replay", "post").stdout
    assert "will be read again" in said
    assert "voc channel tail post" in said


def test_a_plugin_in_quarantine_is_named_with_its_reason(house: House) -> None:
    assert opened(house).exit_code == 0
    (house.settings.instance / "plugins" / "postbox" / "__init__.py").write_text("import nowhere_to_be_found\n")
    for command in (["poll", "post"], ["check", "post"], ["set", "post", "--name", "x"], ["add", "postbox", "B"]):
        done = house.voc(*command)
        assert isinstance(done.exception, NotFound), command
        words = str(done.exception)
        assert "plugin postbox is quarantined: needs the Python package nowhere_to_be_found, which is not" in words
        assert "plugin quarantined" not in done.stderr
    assert house.voc("on", "post").exit_code == 0


def test_poll_waits_and_says_what_came(house: House) -> None:
    assert opened(house).exit_code == 0
    late = house.voc("poll", "post", "--wait", "1")
    assert "does the server run?" in str(late.exception)
    for number in range(5):
        house.box.put(str(number), text="Malo")
    stop, work = threading.Event(), worker_of(house.runtime)

    def serve() -> None:
        while not stop.wait(0.1):
            work()

    server = threading.Thread(target=serve)
    server.start()
    try:
        first = house.voc("poll", "post", "--wait", "20")
        second = house.voc("poll", "post", "--wait", "20")
        house.box.trouble("wrong")
        third = house.voc("poll", "post", "--wait", "20")
    finally:
        stop.set()
        server.join(timeout=20)
    assert (first.exit_code, first.stdout.strip()) == (0, "5 new receipts; ok"), first.exception
    assert (second.exit_code, second.stdout.strip()) == (0, "no new receipts; ok"), second.exception
    assert (third.exit_code, third.stdout.strip()) == (1, "no new receipts; failing the password does not fit")


def test_a_channel_that_is_never_polled_says_so(house: House) -> None:
    assert opened(house, "--option", "poll_seconds=0").exit_code == 0
    assert "poll_seconds is 0" in str(house.voc("poll", "post").exception)
    assert house.voc("off", "post").exit_code == 0
    assert "switched off" in str(house.voc("poll", "post").exception)


def test_a_channel_that_is_not_there(house: House) -> None:
    for arguments in (["set"], ["on"], ["off"], ["replay"], ["check"], ["poll"]):
        assert isinstance(house.voc(*arguments, "nobody").exception, NotFound)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0s"), (59.9, "59s"), (60, "1m"), (3599, "59m"), (7200, "2h"), (800_000, "9d"), (-5, "0s")],
)
def test_short_lengths(seconds: float, words: str) -> None:
    assert short(timedelta(seconds=seconds)) == words


def test_lateness_is_a_rule_about_time() -> None:
    now = datetime(2026, 3, 4, 15, tzinfo=UTC)
    channel = Channel(
        active=True, failures=0, options={"poll_seconds": 600}, fetched_at=None, created_at=now - timedelta(minutes=49)
    )
    assert lag(channel, now) is None
    assert not is_late(channel, now)
    assert is_late(channel, now + timedelta(minutes=2))
    channel.fetched_at = now
    assert (is_late(channel, now), lag(channel, now - timedelta(hours=1))) == (False, timedelta())
    later = now + timedelta(hours=2)
    assert is_late(channel, later)
    channel.failures = 1
    assert not is_late(channel, later), "there is something else to say"
    channel.failures, options = 0, channel.options
    channel.options = {**options, "poll_seconds": 0}
    assert not is_late(channel, later), "nobody looks into it: it takes what is brought"
    channel.options, channel.active = options, False
    assert not is_late(channel, later)
