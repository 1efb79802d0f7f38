"""What the Mastodon channel reads in a status: pure, no server needed."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from voc_plugins.mastodon import MastodonChannel
from voc_plugins.mastodon.client import wait_of
from voc_plugins.mastodon.fetching import id_order
from voc_plugins.mastodon.reading import DELETED, EDIT, STATUS, without_address

from tests.doors.contexts import AT, PlainParsers
from tests.doors.mastodon_world import DOMAIN, World
from voc.plugin import Author, Deleted, Edited, Inbound, Raw, View

VIEW = View(parsers=PlainParsers())
OURS = {("aurora", ""), ("aurora", DOMAIN)}


@pytest.fixture
def world() -> World:
    return World()


def raw(world: World, status: Any, content_type: str = STATUS) -> Raw:
    own = {"own-id": world.brand["id"], "own-username": "aurora", "own-domain": DOMAIN}
    return Raw(json.dumps(status).encode(), content_type, AT, own)


def read(world: World, status: Any, content_type: str = STATUS) -> Any:
    (item,) = MastodonChannel().read(VIEW, raw(world, status, content_type))
    return item


def test_everything_that_is_known(world: World) -> None:
    status = world.mention(
        "el pan estaba duro\n\nY nadie contestó",
        in_reply_to_id="17", reblogs_count=4, favourites_count=2, language="pt-BR",
        spoiler_text="comida",
    )  # fmt: skip
    item = read(world, status)
    assert isinstance(item, Inbound)
    assert item.external_id == status["id"]
    assert item.text == "comida\n\nel pan estaba duro\n\nY nadie contestó"
    assert (item.language, item.sent_at, item.thread) == ("pt", datetime(2026, 3, 4, 15, tzinfo=UTC), ("17",))
    assert item.author == Author(name="Ana", handle="@ana@far.example", verified=True)
    assert item.reach == 12
    assert item.reply_to == {
        "status_id": status["id"], "acct": "ana@far.example", "visibility": "public", "spoiler_text": "comida",
    }  # fmt: skip
    assert item.facts == {
        "visibility": "public", "url": status["url"], "followers": 12, "reblogs": 4, "favourites": 2, "replies": 0,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("visibility", "reach"), [("public", 12), ("unlisted", 12), ("private", None), ("direct", None), ("odd", None)]
)
def test_only_what_is_public_has_a_reach(world: World, visibility: str, reach: int | None) -> None:
    assert read(world, world.mention("hola", visibility=visibility)).reach == reach


def test_hidden_counts_are_unknown_and_not_zero(world: World) -> None:
    world.account("ana@far.example", followers_count=-1)
    item = read(world, world.mention("hola"))
    assert item.reach is None
    assert "followers" not in item.facts
    world.account("ana@far.example", followers_count=0)
    assert read(world, world.mention("hola")).reach == 0


def test_neighbors_get_the_domain_of_the_server(world: World) -> None:
    item = read(world, world.mention("hola", by="beto"))
    assert item.author.handle == f"@beto@{DOMAIN}"
    assert item.reply_to["acct"] == "beto"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("@aurora hola", "hola"),
        ("@aurora, hola", "hola"),
        ("@Aurora@MASTODON.example: hola", "hola"),
        ("@beto @aurora hola", "@beto hola"),
        ("@aurora@other.example hola", "@aurora@other.example hola"),
        ("hola @aurora", "hola @aurora"),
        ("@auroraboreal hola", "@auroraboreal hola"),
        ("@aurora's hola", "@aurora's hola"),
        ("@aurora\n\nhola", "hola"),
        ("@aurora @aurora", ""),
        ("", ""),
    ],
)
def test_our_address_is_not_part_of_what_was_said(text: str, expected: str) -> None:
    assert without_address(text, OURS) == expected


def test_a_picture_with_nothing_but_the_address(world: World) -> None:
    picture = {"id": "1", "type": "image", "url": "https://far.example/a.png", "description": "Un vaso roto"}
    item = read(world, world.mention("", media_attachments=[picture]))
    assert item.text == "@aurora"
    assert item.facts["media"] == [{"type": "image", "url": "https://far.example/a.png", "description": "Un vaso roto"}]


def test_a_poll_and_custom_emoji(world: World) -> None:
    poll = {"id": "1", "options": [{"title": "Volver"}, {"title": "No volver"}]}
    item = read(world, world.mention(":enojada: ¿vuelvo?", poll=poll))
    assert item.text == ":enojada: ¿vuelvo?"
    assert item.facts["poll"] == ["Volver", "No volver"]


def test_later_versions(world: World) -> None:
    status = world.mention("frio")
    world.edit(status["id"], "@aurora helado", spoiler_text="café")
    item = read(world, world.statuses[status["id"]], EDIT)
    assert item == Edited(status["id"], "café\n\nhelado", datetime(2026, 3, 4, 15, 0, 1, tzinfo=UTC))
    assert read(world, {"id": "5"}, DELETED) == Deleted("5")


def test_an_edited_status_that_is_new_to_us_is_a_mention(world: World) -> None:
    status = world.mention("frio")
    world.edit(status["id"], "@aurora helado")
    item, edit = MastodonChannel().read(VIEW, raw(world, world.statuses[status["id"]]))
    assert isinstance(item, Inbound)
    assert isinstance(edit, Edited)
    assert item.text == edit.text == "helado"


@pytest.mark.parametrize(
    "changes",
    [
        {"content": None}, {"created_at": None}, {"created_at": "ayer"}, {"created_at": "2026-03-04T15:00:00"},
        {"mentions": None}, {"mentions": [3]}, {"media_attachments": 7}, {"media_attachments": ["x"]}, {"poll": []},
        {"poll": {"options": None}}, {"language": 4}, {"language": "x" * 50}, {"spoiler_text": None},
        {"visibility": None}, {"url": None}, {"in_reply_to_id": 12}, {"reblogs_count": "many"},
        {"content": "<p>\x00hola</p>"},
    ],
)  # fmt: skip
def test_odd_parts_lose_no_words(world: World, changes: dict[str, Any]) -> None:
    item = read(world, {**world.mention("hola"), **changes})
    assert isinstance(item, Inbound)
    assert item.text
    assert "\x00" not in item.text
    assert item.sent_at is None or item.sent_at.tzinfo is not None


@pytest.mark.parametrize("acct", ["", "two words", "@x", "a@b@c"])
def test_a_name_that_cannot_be_is_not_vouched_for(world: World, acct: str) -> None:
    status = world.mention("hola")
    item = read(world, {**status, "account": {**status["account"], "acct": acct}})
    assert item.author.handle is None
    assert not item.author.verified
    assert item.reply_to is None


@pytest.mark.parametrize(
    "body", [b"", b"\xff", b"[]", b"{}", b'{"id": 5}', b'{"id": "5"}', b'{"id": "5", "account": 3}']
)
def test_what_is_no_status_is_refused_with_a_reason(body: bytes) -> None:
    with pytest.raises(ValueError):
        list(MastodonChannel().read(VIEW, Raw(body, STATUS, AT)))


def test_what_a_server_asks_to_wait() -> None:
    at = datetime(2026, 3, 4, 15, tzinfo=UTC)
    date = {"Date": "Wed, 04 Mar 2026 14:59:00 GMT"}
    assert wait_of({"Retry-After": "30"}, at) == 30
    assert wait_of({"Retry-After": "Wed, 04 Mar 2026 15:00:10 GMT"}, at) == 10
    assert wait_of({"X-RateLimit-Reset": "2026-03-04T15:01:00.000000Z"}, at) == 60
    assert wait_of({**date, "X-RateLimit-Reset": "2026-03-04T15:01:00Z"}, at) == 120
    assert wait_of({"X-RateLimit-Reset": str(int(at.timestamp()) + 5)}, at) == 5
    assert wait_of({"X-RateLimit-Reset": "2026-03-04T14:00:00Z"}, at) == 1
    assert wait_of({"Retry-After": "99999999"}, at) == 3600
    assert wait_of({"Retry-After": "soon"}, at) is None
    assert wait_of({}, None) is None


def test_ids_are_ordered_by_age() -> None:
    assert sorted(["100", "9", "99"], key=id_order) == ["9", "99", "100"]
    assert sorted(["01HB", "01HA"], key=id_order) == ["01HA", "01HB"]
