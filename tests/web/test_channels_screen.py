"""The pages of channels: the list, adding, one channel with its test, address, options, quarantine and receipts."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from tests.conftest import worker_of
from tests.doors.postbox import Box, drop
from tests.web.conftest import Browser, Desk, text
from voc.core.ids import new_id
from voc.core.settings import Settings
from voc.core.vocabulary import ReceiptState, RoleName
from voc.insights.rollups import roll_up
from voc.intake import queries
from voc.intake.channels import known_secrets
from voc.model import AuditEntry, Channel, Receipt, Work

HOME = "/channels"
SECRET = "open-sesame-7731"


@pytest.fixture
def box(sqlite_settings: Settings, tmp_path: Path) -> Box:
    """The other side of a postbox, whose plugin is dropped into the instance."""
    drop(sqlite_settings.instance)
    return Box(tmp_path / "box")


@pytest.fixture
def post(box: Box, make_desk: Callable[..., Desk]) -> Desk:
    """A house that knows postboxes, with an agent, a manager and an administrator."""
    desk = make_desk()
    desk.hire("Camila")
    desk.hire("Patricia", RoleName.MANAGER)
    desk.hire("Lucia", RoleName.ADMIN)
    return desk


def work(desk: Desk) -> None:
    worker_of(desk.runtime)()


def opened(browser: Browser, box: Box, **values: Any) -> str:
    """Add a postbox; returns the path of its page."""
    given = {
        "kind": "postbox", "name": "Post", "option.folder": str(box.folder), "option.password": SECRET,
        "option.poll_seconds": "60", **values,
    }  # fmt: skip
    answer = browser.send(f"{HOME}/new", **given)
    assert answer.status_code == 303, text(answer)
    return str(answer.location)


def row(desk: Desk, path: str) -> Channel:
    """The channel behind a page."""
    with desk.runtime.db.reading() as session:
        return queries.channel_by_id(session, UUID(path.rsplit("/", 1)[1]))


def save(browser: Browser, path: str, **values: Any) -> Any:
    """Save the form of a channel as its page shows it, with some fields changed."""
    page = browser.visit(path).text
    version = re.search(r'name="version" value="(\d+)"', page)
    assert version
    folder = re.search(r'name="option.folder"[^>]* value="([^"]*)"', page)
    assert folder
    given = {"version": version[1], "name": "Post", "option.folder": folder[1], "option.poll_seconds": "60", **values}
    return browser.send(path, **given)


def all_of(desk: Desk, model: type[Any]) -> list[Any]:
    with desk.runtime.db.reading() as session:
        return list(session.scalars(select(model).order_by(model.id)))


def test_adding_draws_the_form_that_the_plugin_declares(post: Desk, box: Box) -> None:
    browser = post.browser("Lucia")
    kinds = text(browser.visit(f"{HOME}/new"))
    assert "A mailbox read by IMAP" in kinds
    assert f"{HOME}/new?kind=postbox" in kinds
    form = browser.visit(f"{HOME}/new?kind=postbox").text
    assert 'type="password" id="option.password"' in form
    assert "Where it lies." in form
    assert 'inputmode="numeric" value="60"' in form
    path = opened(browser, box)
    channel = row(post, path)
    assert (channel.name, channel.slug) == ("Post", "post")
    assert channel.options == {"folder": str(box.folder), "poll_seconds": 60}
    assert known_secrets(post.runtime.keys, channel) == {"password": SECRET}
    work(post)
    page = text(browser.visit(path))
    assert f"{SECRET} fits" in page, "the plugin of this test says it; the page shows what a plugin says"
    assert "works" in page
    assert "Post" in text(browser.visit(HOME))
    assert all_of(post, AuditEntry)[-1].action == "channel.added"


def test_nothing_typed_is_lost_but_secrets(post: Desk, box: Box) -> None:
    browser = post.browser("Lucia")
    wrong = {"name": "Mi <buzón>", "slug": "Not Good", "option.folder": "", "option.poll_seconds": "soon"}
    answer = browser.send(f"{HOME}/new", kind="postbox", **wrong, **{"option.password": SECRET})
    page = text(answer)
    assert answer.status_code == 422
    assert all(f'value="{value}"' in page for value in ("Mi <buzón>", "Not Good", "soon"))
    assert "Mi <buzón>" not in answer.text
    assert SECRET not in page
    assert [page.count(words) for words in ("This is missing.", "This must be a whole number.")] == [1, 1]
    assert "Small letters, digits and hyphens" in page
    opened(browser, box)
    answer = browser.send(f"{HOME}/new", kind="postbox", name="Post", **{"option.folder": "x"})
    assert "Another channel has this name" in text(answer)
    assert browser.send(f"{HOME}/new", kind="nothing", name="x").status_code == 422
    assert browser.visit(f"{HOME}/new?kind=nothing").status_code == 200


def test_secrets_are_kept_changed_and_forgotten_and_never_shown(post: Desk, box: Box) -> None:
    browser = post.browser("Lucia")
    path = opened(browser, box)
    page = text(browser.visit(path))
    assert SECRET not in page
    assert "One is stored. Leave this empty to keep it." in page
    for values, expected in (
        ({"name": "Buzón", "option.password": ""}, {"password": SECRET}),
        ({"option.password": "other-8842"}, {"password": "other-8842"}),
        ({"forget.password": "yes"}, {}),
    ):
        assert save(browser, path, **values).status_code == 303
        channel = row(post, path)
        assert known_secrets(post.runtime.keys, channel) == expected
        assert "other-8842" not in browser.visit(path).text
    assert channel.version == 4
    assert "One is stored" not in text(browser.visit(path))


def test_two_people_at_once(post: Desk, box: Box) -> None:
    lucia = post.browser("Lucia")
    path = opened(lucia, box)
    assert save(lucia, path, **{"option.poll_seconds": "90"}).status_code == 303
    late = {"version": "1", "name": "Post", "option.folder": "/elsewhere", "option.poll_seconds": "60"}
    answer = lucia.send(path, **late, **{"option.password": "typed-5566"})
    page = text(answer)
    assert answer.status_code == 409
    assert "Somebody changed this channel meanwhile" in page
    assert 'value="/elsewhere"' in page
    assert "typed-5566" not in page
    assert re.search(r"Stored now:</strong> 90<", page)
    assert row(post, path).options["poll_seconds"] == 90
    # The same once more, with what is stored now before the eyes: it is meant.
    assert save(lucia, path, **{k: v for k, v in late.items() if k != "version"}).status_code == 303
    assert row(post, path).options["folder"] == "/elsewhere"
    # Twice the same is once.
    again = {"version": "1", "name": "Post", "option.folder": "/elsewhere", "option.poll_seconds": "60"}
    assert lucia.send(path, **again).status_code == 303
    assert row(post, path).version == 3


def test_the_connection_is_tested_in_the_worker(post: Desk, box: Box) -> None:
    browser = post.browser("Lucia")
    path = opened(browser, box)
    work(post)
    for _ in range(2):
        browser.send(f"{path}/test")
    assert "The connection is being tested" in text(browser.visit(path))
    assert [item.kind for item in all_of(post, Work)].count("intake.check") == 1
    work(post)
    page = text(browser.visit(path))
    assert "being tested" not in page
    assert "tested" in page
    save(browser, path, **{"forget.password": "yes"})
    work(post)
    assert row(post, path).tested_health == "failing"
    page = text(browser.visit(path))
    assert "does not work" in page
    assert "shut" in page


def test_fetching_now_and_how_far_behind_it_is(post: Desk, box: Box, clock: Any) -> None:
    browser = post.browser("Lucia")
    path = opened(browser, box)
    assert "was not looked at yet" in text(browser.visit(path))
    work(post)
    box.put("a", text="Llegó roto", metric="csat", score=1)
    browser.send(f"{path}/fetch")
    work(post)
    roll_up(post.runtime, clock())
    page = text(browser.visit(HOME))
    line = page.split(f'href="{path}"')[1].split("</tr>")[0]
    assert "works" in line
    assert ">1</td>" in line
    clock.forward(minutes=20)
    assert "is behind" in text(browser.visit(HOME)), "nobody has looked for twenty minutes"
    box.trouble("wrong")
    browser.send(f"{path}/fetch")
    work(post)
    page = text(browser.visit(path))
    assert "does not work" in page
    assert "the password does not fit" in page
    assert "1 time" in page


def test_it_is_switched_off_and_on(post: Desk, box: Box) -> None:
    browser = post.browser("Lucia")
    path = opened(browser, box)
    work(post)
    browser.send(f"{path}/active", active="no")
    page = text(browser.visit(path))
    assert "switched off" in page
    assert "Fetch now" not in page
    browser.send(f"{path}/fetch")
    assert "Switch it on first" in text(browser.visit(path))
    browser.send(f"{path}/test")
    browser.send(f"{path}/active", active="yes")
    browser.send(f"{path}/active", active="yes")
    work(post)
    assert row(post, path).active
    actions = [entry.action for entry in all_of(post, AuditEntry) if entry.action.startswith("channel.s")]
    assert actions == ["channel.switched_off", "channel.switched_on"]


def test_addresses_and_who_sees_them(post: Desk, box: Box) -> None:
    lucia = post.browser("Lucia")
    path = opened(lucia, box)
    key = row(post, path).key
    assert f"/in/{key}" in text(lucia.visit(path))
    assert "no-store" in lucia.visit(path).headers["Cache-Control"]
    assert f"/in/{key}" in text(post.browser("Patricia").visit(path))
    camila = post.browser("Camila")
    assert key not in camila.visit(path).text
    page = lucia.visit(f"{path}?renewing=1").text
    assert 'id="renewing"' in page
    assert row(post, path).key == key, "looking renews nothing"
    lucia.send(f"{path}/key", version="1")
    fresh = row(post, path).key
    assert fresh != key
    lucia.send(f"{path}/key", version="1")
    assert row(post, path).key == fresh, "a second tap does not take the first address away"
    assert "the address stays as it is" in text(lucia.visit(path))
    with post.runtime.db.reading() as session:
        form = queries.channel_by_slug(session, "feedback")
    assert form is not None
    assert "/f/feedback" in text(lucia.visit(f"{HOME}/{form.id}"))


def quarantine(post: Desk, box: Box, bodies: list[str]) -> None:
    for body in bodies:
        box.written += 1
        (box.folder / "in" / f"{box.written}.json").write_text(body, encoding="utf-8")
    work(post)


def test_quarantine_shows_what_arrived_as_plain_text(post: Desk, box: Box) -> None:
    path = opened(post.browser("Lucia"), box)
    hostile = "<script>alert(1)</script>\x00\x1b[31m" + "é" * 5000
    quarantine(post, box, [hostile, "{ this is no letter"])
    browser = post.browser("Patricia")
    page = browser.visit(path).text
    assert "<script>alert" not in page
    shown = re.findall(r'<pre class="condition" dir="auto">(.*?)</pre>', text(browser.last), re.DOTALL)
    assert shown[0] == "{ this is no letter"
    assert len(shown[1]) == 2000
    assert shown[1].startswith("<script>alert(1)</script>[31mé")
    assert "Only the first 2,000 characters" in page
    assert "JSONDecodeError" in page or "Expecting" in page
    camila = text(post.browser("Camila").visit(path))
    assert "this is no letter" not in camila
    assert "2 receipts could not be read" in camila


def test_reading_again_one_and_all(post: Desk, box: Box) -> None:
    path = opened(post.browser("Lucia"), box)
    quarantine(post, box, ["{ no letter"] * 3)
    browser = post.browser("Patricia")
    first = all_of(post, Receipt)[0]
    assert browser.send(f"{path}/receipts/{first.id}/replay").location.endswith("#quarantine")
    assert all_of(post, Receipt)[0].state is ReceiptState.STORED
    browser.send(f"{path}/receipts/{first.id}/replay")
    assert "not in quarantine any more" in text(browser.visit(path))
    work(post)
    assert {item.state for item in all_of(post, Receipt)} == {ReceiptState.QUARANTINED}
    browser.send(f"{path}/replay")
    assert "is being read again" in text(browser.visit(path))
    browser.send(f"{path}/replay")
    assert "it is read again already" in text(browser.visit(path))
    work(post)
    assert {item.state for item in all_of(post, Receipt)} == {ReceiptState.QUARANTINED}, "each was tried once more"
    assert [item.kind for item in all_of(post, Work)] == ["intake.fetch"]
    actions = [entry.action for entry in all_of(post, AuditEntry)]
    assert (actions.count("receipt.replayed"), actions.count("channel.replayed")) == (1, 1)
    other = next(c for c in all_of(post, Channel) if c.slug == "feedback")
    assert browser.send(f"{HOME}/{other.id}/receipts/{first.id}/replay").status_code == 404
    browser.send(f"{HOME}/{other.id}/replay")
    assert "Nothing is in quarantine" in text(browser.visit(f"{HOME}/{other.id}"))


def test_quarantine_has_pages(post: Desk, box: Box) -> None:
    path = opened(post.browser("Lucia"), box)
    quarantine(post, box, [f"letter {number}" for number in range(25)])
    browser = post.browser("Patricia")
    page = browser.visit(path).text
    assert page.count('<details class="disclose"') == 20
    older = re.search(r'href="([^"]+\?before=[\w-]+)#quarantine"', page)
    assert older
    page = browser.visit(older[1]).text
    assert page.count('<details class="disclose"') == 5
    assert "?before=" not in page
    assert browser.visit(f"{path}?before=nonsense").status_code == 200


def test_pages_cost_the_same_however_much_there_is(post: Desk, box: Box) -> None:
    browser = post.browser("Lucia")
    path = opened(browser, box)
    quarantine(post, box, ["{ no letter"])
    before = [post.statements(lambda page=page: browser.visit(page)) for page in (HOME, path)]
    opened(browser, box, name="Second")
    quarantine(post, box, [f"letter {number}" for number in range(15)])
    assert [post.statements(lambda page=page: browser.visit(page)) for page in (HOME, path)] == before
    assert max(before) < 16


def test_who_may_do_what(post: Desk, box: Box) -> None:
    lucia = post.browser("Lucia")
    path = opened(lucia, box)
    camila, patricia, nobody = post.browser("Camila"), post.browser("Patricia"), post.browser()
    assert [person.visit(HOME).status_code for person in (camila, patricia, nobody)] == [200, 200, 302]
    assert [f'href="{HOME}"' in person.visit("/inbox").text for person in (camila, patricia)] == [False, True]
    assert "Add a channel" not in patricia.visit(HOME).text
    assert "option.folder" not in patricia.visit(path).text
    for action in ("", "/test", "/fetch", "/active", "/key"):
        assert patricia.send(f"{path}{action}", name="x").status_code == 403, action
    assert patricia.visit(f"{HOME}/new").status_code == 403
    assert 'id="renewing"' not in patricia.visit(f"{path}?renewing=1").text
    for action in ("/replay", f"/receipts/{new_id()}/replay"):
        assert camila.send(f"{path}{action}").status_code == 403
    gone = f"{HOME}/{new_id()}"
    assert [lucia.visit(gone).status_code, lucia.visit(f"{HOME}/nonsense").status_code] == [404, 404]
    for action in ("", "/test", "/fetch", "/active", "/key", "/replay", f"/receipts/{new_id()}/replay"):
        assert lucia.send(f"{gone}{action}", name="x").status_code == 404, action


def test_a_channel_whose_plugin_is_gone(post: Desk, box: Box) -> None:
    browser = post.browser("Lucia")
    path = opened(browser, box)
    with post.runtime.db.writing() as session:
        session.get_one(Channel, row(post, path).id).kind = "pigeon"
    assert "its plugin is not loaded" in text(browser.visit(HOME))
    page = text(browser.visit(path))
    assert "No loaded plugin offers channels of this kind" in page
    assert "option." not in page
    browser.send(path, name="x", version="1")
    assert "nothing was stored" in text(browser.visit(path))


def test_a_channel_of_an_api_token(desk: Desk) -> None:
    desk.say("Malo", 0)
    browser = desk.browser("Lucia")
    page = text(browser.visit(f"{HOME}/{desk.channel_id}"))
    assert "There is nothing to connect" in page
    assert "by the API" in page
    assert "Test the connection" not in page
    assert ">API<" in browser.visit(HOME).text


def test_secrets_under_a_lost_key_can_be_given_again(post: Desk, box: Box) -> None:
    browser = post.browser("Lucia")
    path = opened(browser, box)
    with post.runtime.db.writing() as session:
        session.get_one(Channel, row(post, path).id).secrets = b"written with another key"
    assert "a key that is lost" in text(browser.visit(path))
    assert save(browser, path, **{"option.password": "fresh-1"}).status_code == 303
    assert known_secrets(post.runtime.keys, row(post, path)) == {"password": "fresh-1"}


def test_options_of_every_type(desk: Desk) -> None:
    """Flags that are off, lists to choose from, and words per language that nobody touched."""
    browser = desk.browser("Lucia")
    words = {"es": "¿Qué tal?", "pt": "Que tal?"}
    options = {"metric": "csat", "languages": ["es", "pt"], "question": words, "reason": False}
    from voc.intake.channels import add_channel

    with desk.runtime.db.writing() as session:
        channel = add_channel(
            session, desk.runtime.host, kind="survey", name="S", slug="s", options=options, now=desk.runtime.clock()
        )
        path = f"{HOME}/{channel.id}"
    page = browser.visit(path).text
    assert re.search(r'name="option.reason" value="yes" aria', page)
    assert '<option value="csat" selected>CSAT, 1 to 5' in page
    assert page.count('name="option.languages"') == 3
    typed = re.search(r'<textarea[^>]*name="option.question"[^>]*>\n(.*?)</textarea>', text(browser.last), re.DOTALL)
    assert typed
    form = {"version": "1", "name": "S", "option.metric": "nps", "option.languages": ["pt"], "option.why": ""}
    assert browser.send(path, **form, **{"option.question": typed[1], "option.reason": "yes"}).status_code == 303
    stored = row(desk, path).options
    assert (stored["metric"], stored["languages"], stored["question"]) == ("nps", ["pt"], words)
    assert (stored["reason"], stored["contact"]) == (True, False)
    answer = browser.send(path, **{**form, "version": "2", "option.metric": "mood"})
    assert (answer.status_code, "Please choose one" in text(answer)) == (422, True)


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("es", ["Agregar un canal", "Correo electrónico", "Servidor del buzón (IMAP)", "Vacío cuando el propio"]),
        ("pt", ["Adicionar um canal", "Endereço do servidor", "Servidor da caixa postal (IMAP)"]),
    ],
)
def test_it_speaks_the_readers_language(desk: Desk, language: str, words: list[str]) -> None:
    desk.hire("Ines", RoleName.ADMIN, language)
    browser = desk.browser("Ines")
    pages = [f"{HOME}/new", f"{HOME}/new?kind=email", f"{HOME}/new?kind=mastodon"]
    shown = " ".join(text(browser.visit(page)) for page in pages)
    assert [word for word in words if word not in shown] == []
