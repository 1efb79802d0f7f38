"""A survey from its making to its result: asked by mail, answered with one tap on a phone, in three languages."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from sqlalchemy import func, select

from tests.browser.conftest import Shop
from tests.browser.screen import DESKTOP, PHONE, Screen
from tests.browser.test_pages import Look
from voc.core.vocabulary import RoleName
from voc.model import Channel, Feedback, Receipt, Suppression

pytestmark = [pytest.mark.browser, pytest.mark.slow]

Open = Callable[..., Screen]
ACT = "button[name=act]"


@dataclass(frozen=True)
class Story:
    """One person asked, and what the pages must say in that language."""

    language: str
    accept: str
    tag: str
    metric: str
    score: int
    words: str
    question: str
    marked: str
    send: str
    saved: str
    thanks: str
    answered: str
    left: str
    result: str


STORIES = (
    Story(
        language="es", accept="es-PE,es;q=0.9", tag="es", metric="nps", score=0,
        words="Tardaron nueve días y nadie avisó.", question="¿Con qué probabilidad nos recomendaría",
        marked="Está marcado el 0", send="Enviar mi 0", saved="Su 0 está guardado", thanks="Su respuesta está guardada",
        answered="Ya respondió", left="No recibirá más encuestas", result="NPS",
    ),
    Story(
        language="pt", accept="pt-BR,pt;q=0.9", tag="pt-BR", metric="csat", score=5,
        words="Entrega rápida, obrigado.", question="Quão satisfatório foi", marked="Está marcado o 5",
        send="Enviar meu 5", saved="Seu 5 está salvo", thanks="Sua resposta está salva",
        answered="Você já respondeu", left="Você não receberá mais pesquisas", result="CSAT",
    ),
    Story(
        language="en", accept="en-GB,en;q=0.9", tag="en", metric="ces", score=7,
        words="Everything was easy.", question="How easy was it", marked="The 7 you tapped is marked",
        send="Send my 7", saved="Your 7 is saved", thanks="Your answer is safe",
        answered="Already answered", left="You will get no more surveys", result="CES",
    ),
)  # fmt: skip


def receipts(shop: Shop, slug: str) -> int:
    with shop.database() as database, database.reading() as session:
        return session.scalar(select(func.count(Receipt.id)).join(Channel).where(Channel.slug == slug)) or 0


def heard(shop: Shop, slug: str) -> list[tuple[int | None, str | None]]:
    """Every voice of a survey."""
    with shop.database() as database, database.reading() as session:
        rows = session.execute(select(Feedback.score, Feedback.text).join(Channel).where(Channel.slug == slug))
        return [(score, text) for score, text in rows]


def left(shop: Shop) -> int:
    with shop.database() as database, database.reading() as session:
        return session.scalar(select(func.count(Suppression.address_hash))) or 0


def link_in(shop: Shop, desk: Screen, email: str, score: int) -> str:
    """The address behind a number of the mail, as soon as it has arrived."""
    desk.wait(lambda _: any(email in mail["To"] for mail in shop.mailbox.mails), f"a mail to {email}")
    (mail,) = (mail for mail in shop.mailbox.mails if email in mail["To"])
    page = mail.get_body(("html",))
    assert page is not None
    found = re.search(rf'href="([^"]+\?score={score})"', page.get_content())
    assert found is not None
    return found[1]


def make(desk: Screen, shop: Shop, story: Story, slug: str) -> None:
    """An administrator adds the survey; its page says when it can be answered."""
    desk.visit(shop.link("Sofía", role=RoleName.ADMIN, language=story.language))
    desk.go("main button[type=submit]")
    desk.visit("/surveys")
    desk.type("#name", f"Entrega {story.language}")
    desk.type("#slug", slug)
    desk.run("document.getElementById('metric').value = arguments[0]", story.metric)
    desk.go("form[action='/surveys'] button[type=submit]")
    desk.wait(lambda _: desk.driver.refresh() or desk.all(".bars"), "the question")


def invite(desk: Screen, email: str, story: Story) -> None:
    """Paste, look, invite."""
    desk.go(".toolbar a.button--primary")
    desk.type("#people", f"email,name,language,about\n{email},Ana Ruiz,{story.language},Pedido 88-4127\nnobody,x,,")
    desk.go("form.card button[type=submit]")
    assert "nobody" in desk.words()
    desk.go(ACT)
    desk.see(".flash .notice--good")


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.language)
def test_asked_and_answered(story: Story, shop: Shop, browser: Open) -> None:
    slug, email = f"entrega-{story.language}", f"ana.{story.language}@correo.example"
    desk, phone = browser(DESKTOP, story.accept), browser(PHONE, "de")
    # One of them without scripts: nothing here needs any.
    phone.scripts(story.language != "pt")
    make(desk, shop, story, slug)
    invite(desk, email, story)
    link = link_in(shop, desk, email, story.score)
    the_tap_shows(phone, shop, story, link, slug)
    the_button_records(phone, shop, story, slug)
    phone.visit(link)
    assert story.answered in phone.see("h1").text
    unsubscribes(phone, shop, story, link)
    desk.wait(lambda _: heard(shop, slug) == [(story.score, story.words)], "one voice with its words")
    desk.visit("/surveys")
    desk.go("td ~ td, th a", f"Entrega {story.language}")
    desk.wait(lambda _: desk.driver.refresh() or story.words in desk.words(), "the words on the page of results")
    assert story.result in desk.see(".score__name").text
    assert "n 1" in desk.see(".score__facts").text
    assert not phone.complaints()
    assert not desk.complaints()
    proof = shop.voc("verify")
    assert proof.returncode == 0, proof.stdout + proof.stderr


def the_tap_shows(phone: Screen, shop: Shop, story: Story, link: str, slug: str) -> None:
    """In the language of the invitation, whatever the phone speaks; nothing is stored."""
    phone.visit(link)
    assert phone.language() == story.tag
    assert phone.see("h1").text.startswith(story.question)
    assert "Pedido 88-4127" in phone.words()
    assert story.marked in phone.see(".notice").text
    assert phone.see(".button--primary").text == story.send
    assert all(part.size["height"] >= 44 for part in phone.all(".scale button"))
    assert phone.run("return document.documentElement.scrollWidth <= innerWidth")
    assert receipts(shop, slug) == 0


def the_button_records(phone: Screen, shop: Shop, story: Story, slug: str) -> None:
    """The score at once, then the reason; a double tap and the way back add nothing."""
    phone.double_click(".button--primary")
    assert story.saved in phone.see("h1", story.saved).text
    assert receipts(shop, slug) == 1
    phone.driver.back()
    phone.driver.forward()
    phone.see("h1", story.saved)
    phone.type("[name=text]", story.words)
    phone.go("form button[type=submit]")
    assert story.thanks in phone.see("h1").text
    assert phone.see("p.code").text
    assert receipts(shop, slug) == 2


def unsubscribes(phone: Screen, shop: Shop, story: Story, link: str) -> None:
    before = left(shop)
    phone.visit(link.split("?")[0].replace("/s/", "/u/") + f"?lang={story.language}")
    assert left(shop) == before
    phone.go("main button[type=submit]")
    assert story.left in phone.see("h1").text
    assert left(shop) == before + 1


@pytest.mark.parametrize("language", ["es", "pt", "en"])
def test_pages_of_surveys(language: str, shop: Shop, browser: Open) -> None:
    look = Look(browser(DESKTOP, language), language)
    desk, slug = look.screen, f"vista-{language}"
    make(desk, shop, next(story for story in STORIES if story.language == language), slug)
    address = desk.driver.current_url
    look.over("survey-empty")
    look.at("surveys", "/surveys")
    look.at("survey-invite", f"{address}/invite")
    desk.type("#people", "eva@correo.example\nAna Ruiz <ana@correo.example>\nhola, ¿qué tal?")
    desk.go("form.card button[type=submit]")
    look.over("survey-preview")
    public(look, slug)
    desk.visit(address)
    desk.wait(lambda _: desk.driver.refresh() or desk.all(".score__value"), "a figure")
    look.over("survey-results")
    assert not look.wrong, "\n".join(look.wrong)


def public(look: Look, slug: str) -> None:
    """What customers see of it."""
    screen, lang = look.screen, f"lang={look.language}"
    look.at("survey", f"/s/{slug}?{lang}")
    look.at("survey-marked", f"/s/{slug}?score=3&{lang}")
    screen.go(".button--primary")
    look.over("survey-why")
    screen.type("[name=text]", "Está bien, nada más. " * 10)
    screen.go("form button[type=submit]")
    look.over("survey-thanks")
    look.at("survey-gone", f"/s/{'A' * 48}?{lang}")
    look.at("unsubscribe-gone", f"/u/nothing?{lang}")
