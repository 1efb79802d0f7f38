"""The Mastodon channel before a server that speaks the documented API: fetching, editing, deleting, going wrong."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from voc_plugins.mastodon import MastodonChannel, client, voc_channels, watching
from voc_plugins.mastodon.reading import DELETED, EDIT, STATUS

from tests.doors.contexts import Desk
from tests.doors.mastodon_server import Api, MastodonServer, mastodon_server
from tests.doors.mastodon_world import TOKEN
from voc.plugin import Deleted, Edited, Ignored, Inbound, Misconfigured, Page, Pulled, Raw, Robot, TryLater


@pytest.fixture
def server() -> Iterator[MastodonServer]:
    with mastodon_server() as running:
        yield running


@pytest.fixture
def desk(server: MastodonServer) -> Iterator[Desk]:
    found = Desk(base_url=server.url, access_token=TOKEN, start_days=7, watch_days=7, visibility="same")
    yield found
    found.close()


class Reader:
    """A host's part in small: calls fetch until there is no more, and keeps cursor and items together."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.cursor: Any = None
        self.items: list[Pulled] = []
        self.notice = ""

    def page(self) -> Page:
        page = MastodonChannel().fetch(self.desk.ctx(), self.cursor)
        self.cursor = json.loads(json.dumps(page.cursor)) if page.cursor is not None else self.cursor
        self.items += page.items
        self.notice = page.notice
        return page

    def round(self) -> list[Pulled]:
        """Everything that one round finds."""
        before = len(self.items)
        for _ in range(200):
            if not self.page().more:
                return self.items[before:]
        raise AssertionError("there is no end")

    def read(self, item: Pulled) -> Any:
        raw = Raw(item.body, item.content_type, self.desk.now, item.headers, item.delivery_id)
        (found,) = MastodonChannel().read(self.desk.ctx(), raw)
        return found


@pytest.fixture
def reader(desk: Desk) -> Reader:
    return Reader(desk)


def texts(items: list[Pulled]) -> list[str]:
    return [json.loads(item.body)["content"] for item in items]


def test_it_registers_one_channel() -> None:
    assert voc_channels() == [MastodonChannel]


def test_mentions_come_oldest_first_and_once(server: MastodonServer, reader: Reader) -> None:
    said = [server.world.mention(f"queja {number}") for number in range(5)]
    server.world.notify(said[0], "favourite")
    found = reader.round()
    assert [item.delivery_id for item in found] == [f"mention:{s['id']}:{s['created_at']}" for s in said]
    assert {item.content_type for item in found} == {STATUS}
    assert [json.loads(item.body) for item in found] == said
    assert reader.round() == []
    server.world.mention("otra")
    assert len(reader.round()) == 1


def test_the_first_time_begins_some_days_back(server: MastodonServer, reader: Reader) -> None:
    old = [server.world.mention(f"vieja {number}") for number in range(50)]
    server.world.forward(days=30)
    new = [server.world.mention(f"nueva {number}") for number in range(50)]
    reader.desk.now += timedelta(days=31)
    assert [json.loads(item.body)["id"] for item in reader.round()] == [status["id"] for status in new]
    everything = Reader(reader.desk)
    everything.desk.options["start_days"] = 0
    assert len(everything.round()) == len(old) + len(new)


def test_an_empty_account_is_no_trouble(server: MastodonServer, reader: Reader) -> None:
    assert reader.round() == []
    server.world.mention("la primera")
    assert len(reader.round()) == 1


def test_nothing_is_skipped_after_an_outage(server: MastodonServer, reader: Reader) -> None:
    reader.round()
    said = [server.world.mention(f"durante {number}") for number in range(95)]
    server.fail("GET /api/v1/notifications", "status", 503)
    with pytest.raises(TryLater):
        reader.page()
    first = reader.page()
    assert len(first.items) == 40
    server.fail("GET /api/v1/notifications", "cut")
    with pytest.raises(TryLater):
        reader.page()
    reader.round()
    assert [json.loads(item.body)["id"] for item in reader.items] == [status["id"] for status in said]


@pytest.mark.slow
@pytest.mark.parametrize("missed", [10, 40, 95])
def test_servers_that_give_the_newest_first(server: MastodonServer, reader: Reader, missed: int) -> None:
    reader.round()
    server.forward = False
    said = [server.world.mention(f"durante {number}") for number in range(missed)]
    reader.round()
    assert [json.loads(item.body)["id"] for item in reader.items] == [status["id"] for status in said]
    many = [server.world.mention(f"mucho {number}") for number in range(490)]
    with pytest.raises(TryLater, match="gives only the newest"):
        reader.page()
    assert len(many) == 490


def test_a_server_that_repeats_itself_is_not_asked_for_ever(
    server: MastodonServer, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.world.mention("hola")
    reader.round()
    reader.cursor["after"] = "99999999999"
    monkeypatch.setattr(Api, "notifications", lambda self, _call: (200, self.world.notifications[:], {}))
    assert reader.round() == []


def test_a_page_that_was_not_saved_comes_again(server: MastodonServer, reader: Reader) -> None:
    reader.round()
    server.world.mention("una")
    cursor = reader.cursor
    lost = reader.page()
    reader.cursor = cursor
    again = reader.page()
    assert lost.items == again.items != ()


def test_old_servers_that_know_no_types(server: MastodonServer, reader: Reader) -> None:
    server.version = (3, 4, 0)
    status = server.world.mention("hola")
    server.world.notify(None, "follow")
    server.world.notify(status, "favourite")
    assert len(reader.round()) == 1
    assert server.asked("GET /api/v1/instance")


def test_what_the_server_would_hide_comes_too(server: MastodonServer, reader: Reader) -> None:
    status = server.world.post("@aurora me cobraron dos veces", by="nueva@far.example", visibility="direct")
    server.world.notify(status, filtered=True)
    (item,) = reader.round()
    assert reader.read(item).reply_to["visibility"] == "direct"


def test_an_edit_is_a_later_version_once(server: MastodonServer, reader: Reader) -> None:
    status = server.world.mention("el café estaba frio")
    reader.round()
    assert reader.round() == []
    server.world.edit(status["id"], "@aurora el café estaba helado")
    (item,) = reader.round()
    assert item.content_type == EDIT
    edited = reader.read(item)
    assert isinstance(edited, Edited)
    assert (edited.external_id, edited.text) == (status["id"], "el café estaba helado")
    assert edited.edited_at is not None
    assert reader.round() == []


def test_an_edit_that_mentions_us_again_is_no_second_mention(server: MastodonServer, reader: Reader) -> None:
    status = server.world.mention("hola")
    reader.round()
    server.world.edit(status["id"], "@aurora hola otra vez")
    server.world.notify(server.world.statuses[status["id"]])
    (item,) = reader.round()
    assert item.content_type == EDIT


def test_a_deletion_is_told_once(server: MastodonServer, reader: Reader) -> None:
    keep, gone = server.world.mention("queda"), server.world.mention("se va")
    reader.round()
    server.world.delete(gone["id"])
    (item,) = reader.round()
    assert (item.content_type, item.delivery_id) == (DELETED, f"deleted:{gone['id']}")
    assert gone["content"] not in item.body.decode()
    assert reader.read(item) == Deleted(gone["id"])
    assert reader.round() == []
    assert [row[0] for row in reader.cursor["watch"]] == [keep["id"]]


@pytest.mark.parametrize("version", [(4, 3, 2), (4, 1, 0)])
@pytest.mark.parametrize("fault", [("status", 503), ("status", 500), ("html", 404), ("html", 410), ("cut", 0)])
def test_trouble_is_not_a_deletion(
    server: MastodonServer, reader: Reader, version: tuple[int, int, int], fault: Any
) -> None:
    server.version = version
    status = server.world.mention("sigo aquí")
    reader.round()
    server.hidden.add(status["id"])
    server.fail(f"GET /api/v1/statuses/{status['id']}", *fault)
    assert reader.round() == []
    assert "could not be looked for" in reader.notice
    server.hidden.clear()
    assert reader.round() == []
    assert reader.notice == ""


def test_one_that_a_list_leaves_out_is_asked_for_by_itself(server: MastodonServer, reader: Reader) -> None:
    server.world.mention("uno")
    reader.round()
    server.fail("GET /api/v1/statuses", "nonsense")
    assert reader.round() == []
    assert reader.notice == ""


@pytest.mark.slow
@pytest.mark.parametrize("version", [(4, 3, 2), (4, 1, 0)])
def test_all_that_is_watched_gets_its_turn(
    server: MastodonServer, reader: Reader, version: tuple[int, int, int]
) -> None:
    server.version = version
    said = [server.world.mention(f"número {number}") for number in range(90)]
    reader.round()
    for status in said:
        server.world.edit(status["id"], "@aurora cambiado")
    server.seen.clear()
    found = reader.round()
    assert len(server.asked("GET /api/v1/statuses")) <= 1 + watching.SINGLES
    while more := reader.round():
        found += more
    assert {json.loads(item.body)["id"] for item in found} == {status["id"] for status in said}
    assert len(found) == len(said)


def test_old_mentions_are_not_watched(server: MastodonServer, reader: Reader) -> None:
    status = server.world.mention("antes")
    reader.round()
    reader.desk.now += timedelta(days=8)
    server.world.edit(status["id"], "@aurora después")
    assert reader.round() == []
    assert reader.cursor["watch"] == []


def test_watching_can_be_switched_off(server: MastodonServer, reader: Reader) -> None:
    reader.desk.options["watch_days"] = 0
    status = server.world.mention("antes")
    reader.round()
    server.world.delete(status["id"])
    assert reader.round() == []
    assert not server.asked("GET /api/v1/statuses")


def test_the_watch_is_bounded(server: MastodonServer, reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "MOST", 30)
    for number in range(35):
        server.world.forward(hours=1)
        server.world.mention(f"n {number}")
    reader.desk.now = server.world.now
    reader.round()
    assert len(reader.cursor["watch"]) == 30
    newest = {note["status"]["id"] for note in server.world.notifications[-30:]}
    assert {row[0] for row in reader.cursor["watch"]} == newest


def test_five_hundred_watched_fit_into_a_cursor(server: MastodonServer, reader: Reader) -> None:
    rows = [[server.world.new_id(), 492_000, "2026-03-04T15:00:01.000Z"] for _ in range(watching.MOST)]
    assert len(json.dumps({"after": server.world.new_id(), "watch": rows})) < 40_000


@pytest.mark.parametrize(
    ("fault", "error", "words"),
    [
        (("status", 401), Misconfigured, "access token"),
        (("status", 403), Misconfigured, "scopes"),
        (("html", 404), Misconfigured, "base_url"),
        (("moved", 0), Misconfigured, "elsewhere.example"),
        (("status", 500), TryLater, "500"),
        (("html", 502), TryLater, "502"),
        (("nonsense", 0), TryLater, "no list"),
        (("cut", 0), TryLater, "cannot be reached"),
        (("lost", 0), TryLater, "cannot be reached"),
    ],
)
def test_what_goes_wrong_is_said(
    server: MastodonServer, reader: Reader, fault: Any, error: type[Exception], words: str
) -> None:
    reader.round()
    server.fail("GET /api/v1/notifications", *fault)
    with pytest.raises(error, match=words) as caught:
        reader.page()
    assert TOKEN not in str(caught.value)


def test_a_server_that_takes_too_long(server: MastodonServer, reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    reader.round()
    monkeypatch.setattr(client, "REQUEST_SECONDS", 0.05)
    server.fail("GET /api/v1/notifications", "slow", 1)
    with pytest.raises(TryLater, match="cannot be reached"):
        reader.page()


def test_a_limit_says_how_long(server: MastodonServer, reader: Reader) -> None:
    reader.round()
    server.fail("GET /api/v1/notifications", "limited", 120)
    with pytest.raises(TryLater) as caught:
        reader.page()
    assert caught.value.after == 120


def test_a_limit_while_looking_again_loses_nothing(server: MastodonServer, reader: Reader) -> None:
    status = server.world.mention("hola")
    reader.round()
    server.world.edit(status["id"], "@aurora adiós")
    server.fail("GET /api/v1/statuses", "limited", 60)
    assert reader.round() == []
    assert reader.notice == ""
    assert len(reader.round()) == 1


def test_a_dead_server_and_a_wrong_address(desk: Desk) -> None:
    for url, error in [("http://127.0.0.1:9", TryLater), ("ftp://x", Misconfigured), ("", Misconfigured)]:
        with pytest.raises(error):
            MastodonChannel().fetch(desk.ctx(base_url=url), None)
    with pytest.raises(Misconfigured, match="access_token"):
        MastodonChannel().fetch(desk.ctx(access_token=" "), None)


def test_a_token_is_no_file_name(server: MastodonServer, desk: Desk, tmp_path: Any) -> None:
    (tmp_path / "secret").write_text(TOKEN)
    with pytest.raises(Misconfigured):
        MastodonChannel().fetch(desk.ctx(access_token=str(tmp_path / "secret")), None)
    assert all(TOKEN not in item.headers["authorization"] for item in server.seen if "authorization" in item.headers)


def test_robots_and_ourselves(server: MastodonServer, reader: Reader) -> None:
    server.world.account("clima@far.example", bot=True)
    server.world.mention("llueve", by="clima@far.example")
    server.world.mention("hola a nosotros", by="aurora")
    robot, own = (reader.read(item) for item in reader.round())
    assert isinstance(robot, Robot)
    assert isinstance(own, Ignored)


def test_the_account_is_asked_for_once_a_day(server: MastodonServer, reader: Reader) -> None:
    reader.round()
    reader.round()
    assert len(server.asked("GET /api/v1/accounts/verify_credentials")) == 1
    reader.desk.now += timedelta(days=2)
    reader.round()
    assert len(server.asked("GET /api/v1/accounts/verify_credentials")) == 2


def test_the_same_receipt_reads_the_same(server: MastodonServer, reader: Reader) -> None:
    server.world.mention("hola", visibility="unlisted")
    (item,) = reader.round()
    assert reader.read(item) == reader.read(item)
    assert isinstance(reader.read(item), Inbound)
