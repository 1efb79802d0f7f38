"""The pages of webhooks: set up, tried, looked at, sent again, by administrators only."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import select

from tests.doors.receiver import Receiver, receiver
from tests.web.conftest import Browser, Desk, text
from voc.core.ids import new_id
from voc.core.vocabulary import HookState, RoleName
from voc.model import WebhookDelivery, WebhookEndpoint

HOME = "/settings/webhooks"


@pytest.fixture
def there() -> Iterator[Receiver]:
    with receiver() as found:
        yield found


@pytest.fixture
def open_desk(make_desk: Callable[..., Desk]) -> Desk:
    """A house that may talk to loopback, with an administrator and a manager."""
    desk = make_desk(private_addresses="127.0.0.1/32")
    desk.hire("Patricia", RoleName.MANAGER)
    desk.hire("Lucia", RoleName.ADMIN)
    return desk


def add(browser: Browser, url: str, **values: Any) -> str:
    """Add a webhook; returns the path of its page."""
    answer = browser.send(HOME, **{"name": "CRM", "url": url, "events": ["case.opened"], **values})
    assert answer.status_code == 200, text(answer)
    assert "no-store" in answer.headers["Cache-Control"]
    found = re.search(rf'action="({HOME}/[\w-]+)"', answer.text)
    assert found
    return found[1]


def rows(desk: Desk) -> list[WebhookDelivery]:
    with desk.runtime.db.reading() as session:
        return list(session.scalars(select(WebhookDelivery).order_by(WebhookDelivery.id)))


def work(desk: Desk) -> None:
    from tests.conftest import worker_of

    worker_of(desk.runtime)()


def test_the_secret_is_shown_once(open_desk: Desk) -> None:
    browser = open_desk.browser("Lucia")
    path = add(browser, "https://example.com/hooks")
    assert browser.last is not None
    secret = re.search(r"whsec_[\w+/=]{40,}", text(browser.last))
    assert secret
    assert secret[0] not in text(browser.visit(path))
    assert "CRM" in text(browser.visit(HOME))
    again = browser.send(f"{path}/secret")
    renewed = re.search(r"whsec_[\w+/=]{40,}", text(again))
    assert renewed
    assert renewed[0] != secret[0]


def test_a_test_is_sent_and_stands_in_the_log(open_desk: Desk, there: Receiver) -> None:
    browser = open_desk.browser("Lucia")
    path = add(browser, there.url)
    assert "Nothing was sent yet" in text(browser.visit(path))
    assert browser.send(f"{path}/test").status_code == 303
    assert "waits" in text(browser.visit(path))
    work(open_desk)
    page = text(browser.visit(path))
    assert len(there.posts) == 1
    assert "delivered" in page
    (row,) = rows(open_desk)
    assert browser.send(f"{HOME}/deliveries/{row.id}/replay").location.endswith(path)
    work(open_desk)
    assert len(there.posts) == 2


def test_failures_are_shown(open_desk: Desk, there: Receiver) -> None:
    browser = open_desk.browser("Lucia")
    path = add(browser, there.url)
    there.usual = 500
    browser.send(f"{path}/test")
    work(open_desk)
    assert "it answered 500" in text(browser.visit(path))
    assert "The last try failed" in text(browser.visit(path))
    assert "does not answer" in text(browser.visit(HOME))
    assert "1 waits" in text(browser.visit(HOME))


def test_it_is_changed_switched_off_and_removed(open_desk: Desk, there: Receiver) -> None:
    browser = open_desk.browser("Lucia")
    path = add(browser, there.url)
    answer = browser.send(path, name="ERP", url=there.url, events=["case.resolved", "feedback.stored"])
    assert answer.status_code == 303
    page = text(browser.visit(HOME))
    assert "ERP" in page
    assert "switched off" in page
    browser.send(f"{path}/test")
    assert "Switch it on first" in text(browser.visit(path))
    assert rows(open_desk) == []
    assert 'id="removing"' in browser.visit(f"{path}?removing=1").text
    assert browser.send(f"{path}/remove").location.endswith(HOME)
    assert browser.visit(path).status_code == 404


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"name": " "}, "The name is missing"),
        ({"url": "example"}, "This must be an address"),
        ({"events": []}, "Choose at least one event"),
    ],
)
def test_what_is_wrong_stands_beside_the_field(open_desk: Desk, values: dict[str, Any], words: str) -> None:
    browser = open_desk.browser("Lucia")
    typed = {"name": "CRM <b>", "url": "https://example.com", "events": ["case.opened"], **values}
    answer = browser.send(HOME, **typed)
    assert (answer.status_code, words in text(answer)) == (422, True)
    path = add(browser, "https://example.com")
    answer = browser.send(path, **typed)
    assert (answer.status_code, words in text(answer)) == (422, True)


def test_the_log_has_pages(open_desk: Desk) -> None:
    browser = open_desk.browser("Lucia")
    path = add(browser, "https://example.com")
    for _ in range(60):
        with open_desk.runtime.db.writing() as session:
            endpoint = session.scalars(select(WebhookEndpoint)).one()
            now = open_desk.runtime.clock()
            session.add(
                WebhookDelivery(
                    id=new_id(), endpoint_id=endpoint.id, event="case.opened", subject_id=new_id(), path="/cases/1",
                    state=HookState.FAILED, attempts=0, status=None, error="100% %(x)s <b>", created_at=now,
                    due_at=now, tried_at=None,
                )
            )  # fmt: skip
    page = browser.visit(path).text
    assert page.count('id="d-') == 50
    assert "100% %(x)s &lt;b&gt;" in page
    older = re.search(r'href="([^"]+before=[\w-]+)"', page)
    assert older
    page = browser.visit(older[1]).text
    assert page.count('id="d-') == 10
    assert "before=" not in page
    assert browser.visit(f"{path}?before=nonsense").status_code == 200


def test_only_administrators_see_them(open_desk: Desk) -> None:
    browser = open_desk.browser("Patricia")
    assert browser.visit(HOME).status_code == 403
    assert "/settings/webhooks" not in browser.visit("/inbox").text
    assert browser.send(HOME, name="x", url="https://example.com", events=["case.opened"]).status_code == 403
    nobody = open_desk.browser()
    assert nobody.visit(HOME).status_code == 302
    boss = open_desk.browser("Lucia")
    assert "/settings/webhooks" in boss.visit("/inbox").text
    for path in (f"{HOME}/{new_id()}", f"{HOME}/nonsense"):
        assert boss.visit(path).status_code == 404
    for path in ("test", "secret", "remove"):
        assert boss.send(f"{HOME}/{new_id()}/{path}").status_code == 404
    assert boss.send(f"{HOME}/deliveries/{new_id()}/replay").status_code == 404


@pytest.mark.parametrize(("language", "word"), [("es", "Agregar un webhook"), ("pt", "Adicionar um webhook")])
def test_it_speaks_the_readers_language(open_desk: Desk, language: str, word: str) -> None:
    open_desk.hire("Ines", RoleName.ADMIN, language)
    assert word in text(open_desk.browser("Ines").visit(HOME))


def test_a_private_address_is_refused_with_a_sentence(make_desk: Callable[..., Desk]) -> None:
    desk = make_desk()
    desk.hire("Lucia", RoleName.ADMIN)
    browser = desk.browser("Lucia")
    path = add(browser, "https://example.com/hooks")
    for where in (HOME, path):
        answer = browser.send(where, name="CRM", url="http://localhost:8000/in", events=["case.opened"])
        assert answer.status_code == 422
        assert "This is a private address. VOC_PRIVATE_ADDRESSES would have to allow it." in answer.text
