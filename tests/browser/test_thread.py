"""The thread in a real browser: a customer on a phone complains, an agent at a desk answers, the customer reads it."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest

from tests.browser.conftest import Shop
from tests.browser.screen import DESKTOP, PHONE, Screen
from tests.browser.stories import STORIES, Story

pytestmark = pytest.mark.browser

Open = Callable[..., Screen]
SEND = ".composer button[type=submit]"


def fill(phone: Screen, words: str, *, score: int = 1, name: str = "", email: str = "") -> None:
    """Answer the form that is open."""
    phone.press(".scale label", str(score))
    phone.type("[name=text]", words)
    phone.type("[name=name]", name)
    phone.type("[name=email]", email)


def send(phone: Screen) -> str:
    """Send the form that is open; the tracking code on the thank-you page."""
    phone.go("form[data-keep] button[type=submit]")
    return phone.see("p.code").text


def complain(phone: Screen, words: str, *, name: str = "", email: str = "") -> str:
    phone.visit("/f/feedback")
    fill(phone, words, name=name, email=email)
    return send(phone)


def come_in(desk: Screen, link: str) -> None:
    """Sign in by the one-time link."""
    desk.visit(link)
    desk.go("main button[type=submit]")
    desk.see(".list")


def open_case(desk: Screen, name: str) -> None:
    """From the inbox to the case, as soon as it is there."""
    desk.wait(lambda _: desk.visit("/inbox") and name in desk.words(), f"{name} in the inbox")
    desk.go(".row__who", name)
    desk.see("h1", name)


def write(desk: Screen, text: str, *, note: bool = False, resolve: bool = False) -> None:
    """Type into the composer of the open case and send it off."""
    desk.press(f".composer label:has([value={'note' if note else 'answer'}])")
    desk.type("#text", text)
    if resolve:
        desk.press(".composer label:has([name=resolve])")
    desk.go(SEND)


def sent(desk: Screen) -> bool:
    """Whether the answer is shown as sent, after a fresh look."""
    desk.driver.refresh()
    return bool(desk.all(".message--ours .message__foot time"))


# The first one in every run, the others in the slow one.
FIRST, *OTHERS = [pytest.param(story, id=story.language) for story in STORIES]


@pytest.mark.parametrize(
    "story", [FIRST, *(pytest.param(*it.values, id=it.id, marks=pytest.mark.slow) for it in OTHERS)]
)
def test_the_thread(story: Story, shop: Shop, browser: Open) -> None:
    phone, desk = browser(PHONE, story.accept), browser(DESKTOP, story.accept)
    status, code = the_customer_complains(phone, shop, story)
    link = shop.hire(f"camila.{story.language}@aurora.example", language=story.language, name="Camila")
    come_in(desk, link)
    assert desk.language() == story.tag
    assert desk.see("h1").text == story.inbox
    open_case(desk, story.name)
    the_agent_understands(desk, story)
    the_agent_answers(desk, story)
    the_mail_is_right(shop, story, status, code)
    phone.driver.refresh()
    assert phone.see("h1").text == story.resolved
    assert phone.see(".message--ours .message__body").text.split() == story.answer.split()
    assert "Camila" in phone.see(".message--ours .message__head").text
    proof = shop.voc("verify")
    assert proof.returncode == 0, proof.stdout + proof.stderr
    assert not phone.complaints()
    assert not desk.complaints()


def the_customer_complains(phone: Screen, shop: Shop, story: Story) -> tuple[str, str]:
    """Form, thank-you page, status page; returns the address of the latter and the tracking code."""
    phone.visit("/f/feedback")
    assert phone.language() == story.tag
    assert phone.see("h1").text == story.title
    assert phone.see("form[data-keep] button[type=submit]").text == story.send
    fill(phone, story.words, score=story.score, name=story.name, email=story.email)
    code = send(phone)
    assert shop.receipts(story.words) == [code]
    assert story.thanks in phone.see("h1").text
    phone.go(".public__main .button--primary")
    assert phone.see(".steps").text.count(story.received) == 1
    assert phone.see(".message--customer .message__body").text == story.words
    return phone.driver.current_url, code


def the_agent_understands(desk: Screen, story: Story) -> None:
    """Marked evidence, numbered reasons, and one click that corrects a topic and a second one that takes it back."""
    marks = [mark.text for mark in desk.all(".message--customer .evidence")]
    reasons = [reason.text for reason in desk.all(".because > li")]
    assert marks, desk.words()
    assert any(story.topic in reason for reason in reasons), reasons
    numbers = {number for mark in desk.all(".evidence sup") for number in re.findall(r"\d+", mark.text)}
    assert numbers <= {number.text for number in desk.all(".because__n")}
    assert f"NPS {story.score}" in desk.see("section[aria-labelledby^=why-]").text
    toggle = ".correct button[name=toggle]"
    for pressed in ("true", "false"):
        desk.press("details.disclose > summary")
        desk.go(toggle, story.other)
        desk.see(".flash .notice--good")
        state = {part.get_property("textContent"): part.get_dom_attribute("aria-pressed") for part in desk.all(toggle)}
        assert state[story.other] == pressed


def the_agent_answers(desk: Screen, story: Story) -> None:
    """Take it, leave a note, answer and resolve; the page says when the answer was sent."""
    desk.go("form[action$='/assign']:has([type=hidden][name=owner_id]) button")
    assert "Camila" in desk.see(".case__head strong").text
    write(desk, "Nota: ¿stock?", note=True)
    assert desk.see(".message--note .message__body").text == "Nota: ¿stock?"
    write(desk, story.answer, resolve=True)
    assert desk.see(".message--ours .message__body").text.split() == story.answer.split()
    # That the case is resolved follows what was sent, a moment later.
    desk.wait(lambda _: sent(desk) and desk.all(".case__head .badge--good"), "the answer sent, the case resolved")
    assert desk.value("#text") == ""


def the_mail_is_right(shop: Shop, story: Story, status: str, code: str) -> None:
    """One mail, to the customer, in a thread of its own, with the way back to the status page."""
    (mail,) = shop.mailbox.to(story.email)
    body = mail.get_content()
    assert mail["From"] == "Aurora <ayuda@aurora.example>"
    assert mail["Subject"].startswith(story.subject)
    assert re.fullmatch(r"<[0-9a-f]{32}@aurora\.example>", mail["Message-ID"])
    assert re.fullmatch(r"<case-[0-9a-f]{32}@aurora\.example>", mail["References"])
    assert body.startswith(story.answer.split("\n")[0])
    assert "Nota" not in body
    (link,) = re.findall(r"http\S+", body)
    assert link.startswith(f"{shop.address}/t/{code}?")
    assert urlsplit(link).path == urlsplit(status).path


def test_double_click_stores_once(shop: Shop, browser: Open) -> None:
    phone, words = browser(PHONE, "es"), "Doble clic: nadie contesta el teléfono."
    phone.visit("/f/feedback")
    fill(phone, words)
    phone.double_click("form[data-keep] button[type=submit]")
    code = phone.see("p.code").text
    assert shop.receipts(words) == [code]


def test_back_and_send_again_doubles_nothing_and_loses_nothing(shop: Shop, browser: Open) -> None:
    phone, words, more = browser(PHONE, "es"), "Volver atrás: llegó roto.", "Volver atrás: además faltan piezas."
    first = complain(phone, words)
    phone.driver.back()
    assert phone.see("[name=text]")
    fill(phone, words)
    assert send(phone) == first
    assert shop.receipts(words) == [first]
    phone.driver.back()
    fill(phone, more)
    phone.go("form[data-keep] button[type=submit]")
    assert phone.see(".notice--bad")
    assert phone.value("[name=text]") == more
    assert shop.receipts(more) == []
    second = send(phone)
    assert (shop.receipts(words), shop.receipts(more)) == ([first], [second])
    assert second != first


def test_everything_public_works_without_scripts(shop: Shop, browser: Open) -> None:
    phone, words = browser(PHONE, "pt-BR"), "Sem scripts: o produto chegou quebrado."
    phone.scripts(False)
    phone.visit("/f/feedback")
    phone.type("[name=name]", "Zé")
    phone.go("form[data-keep] button[type=submit]")
    assert phone.see(".notice--bad")
    assert phone.value("[name=name]") == "Zé"
    fill(phone, words, name="Zé")
    code = send(phone)
    assert shop.receipts(words) == [code]
    phone.go(".public__main .button--primary")
    assert phone.see(".message--customer .message__body").text == words
    phone.go(".public__foot a")
    phone.type("[name=code]", code.lower())
    phone.go("main button[type=submit]")
    assert code in phone.see("main").text
    assert words not in phone.words()
    phone.go(".langs a[lang=es]")
    assert phone.language() == "es"


def test_the_slower_of_two_agents_keeps_the_text(shop: Shop, browser: Open) -> None:
    one, two = browser(DESKTOP, "es"), browser(DESKTOP, "es")
    email, draft = "mario@correo.example", "Estimado Mario: lo reviso hoy mismo."
    complain(one, "Dos agentes: cobraron dos veces.", name="Mario Vargas", email=email)
    for desk, name in ((one, "Diego"), (two, "Lucía")):
        come_in(desk, shop.link(name))
        open_case(desk, "Mario Vargas")
    two.type("#text", draft)
    write(one, "Ya devolvimos el segundo cobro.")
    one.wait(lambda _: sent(one), "the first answer shown as sent")
    two.go(SEND)
    assert "Diego" in two.see(".case__head [role=alert]").text
    assert two.value("#text") == draft
    assert [mail.get_content().splitlines()[0] for mail in shop.mailbox.to(email)] == [
        "Ya devolvimos el segundo cobro."
    ]
