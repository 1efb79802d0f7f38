"""Channels in a browser: one is set up, tested and put right by an administrator, in three languages."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime

import pytest

from tests.browser.conftest import Shop
from tests.browser.screen import DESKTOP, Screen
from tests.browser.test_pages import Look
from voc.core.ids import new_id, random_code
from voc.core.vocabulary import Door, ReceiptState, RoleName
from voc.intake.queries import channel_by_slug
from voc.model import Receipt
from voc.runtime.instance import open_instance

pytestmark = [pytest.mark.browser, pytest.mark.slow]

Open = Callable[..., Screen]
WORDS = {"es": "Guardado.", "pt": "Salvo.", "en": "Saved."}
BAD = b'{"values": "' + b"no es un formulario " * 200


def hold(shop: Shop, slug: str) -> None:
    """Something arrives there that cannot be read."""
    opened = open_instance(shop.settings, create=False, with_plugins=False)
    with closing(opened) as runtime, runtime.db.writing() as session:
        channel = channel_by_slug(session, slug)
        assert channel is not None
        session.add(
            Receipt(
                id=new_id(), channel_id=channel.id, door=Door.PUSH, content_type="application/json", headers={},
                body=BAD, received_at=datetime.now(UTC), delivery_id=None, tracking_code=random_code(),
                state=ReceiptState.QUARANTINED, reason="plugin webhook: ValueError: this is no JSON object",
            )
        )  # fmt: skip


@pytest.mark.parametrize("language", ["es", "pt", "en"])
def test_a_channel_is_set_up(language: str, shop: Shop, browser: Open) -> None:
    look = Look(browser(DESKTOP, language), language)
    desk, slug = look.screen, f"tool-{language}"
    desk.visit(shop.link("Sofía", role=RoleName.ADMIN, language=language))
    desk.go("main button[type=submit]")
    look.at("channels-new", "/channels/new")
    look.at("channels-new-email", "/channels/new?kind=email")
    desk.visit("/channels/new?kind=webhook")
    desk.type("#slug", "Not Good")
    desk.run("document.getElementById('name').removeAttribute('required')")
    desk.go(".columns__foot button")
    look.over("channels-new-wrong")
    desk.visit("/channels/new?kind=webhook")
    desk.type("#name", f"Encuesta {language}")
    desk.type("#slug", slug)
    desk.go(".columns__foot button")
    # Without a secret nothing is believed: the test of the connection says so by itself, a moment later.
    desk.wait(lambda _: desk.driver.refresh() or desk.all(".is-bad"), "what the test found")
    hold(shop, slug)
    desk.driver.refresh()
    look.over("channel-failing")
    desk.type("[name='option.secret']", "whsec_bGEgY2xhdmUgZGUgbGEgdGllbmRh")
    desk.go(".columns__foot button")
    assert WORDS[language] in desk.see(".flash").text
    assert desk.value("[name='option.secret']") == ""
    desk.wait(lambda _: desk.driver.refresh() or not desk.all(".is-bad"), "that it works now")
    before = desk.value("#secret")
    desk.go("a[href$='renewing=1']")
    look.over("channel-renewing")
    desk.go("dialog .button--danger")
    assert desk.value("#secret") != before
    look.over("channel")
    look.at("channels", "/channels")
    # Two passwords in one form are two forms to Chrome's mind; a channel has as many as it has.
    wrong = [line for line in look.wrong if "Multiple forms should be contained" not in line]
    assert not wrong, "\n".join(wrong)
