"""Who it is, on the case page, when it is nobody with an e-mail address: the account with its network, the number."""

from __future__ import annotations

import re
from html import unescape
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import update

from voc.intake.channels import add_channel
from voc.model import Case, Feedback

HANDLE = "@rosa@far.example"
# language, whose account, whose address, nobody's
WORDS = {
    "en": ("Nobody verified whose account", "Nobody verified this address", "No address was left"),
    "es": ("Nadie verificó de quién es esta cuenta", "Nadie verificó esta dirección", "No dejó ninguna dirección"),
    "pt": ("Ninguém verificou de quem é esta conta", "Ninguém verificou este endereço", "Não deixou nenhum endereço"),
}
MAIL = {"en": "E-mail", "es": "Correo", "pt": "E-mail"}


def who_it_is(desk: Any, feedback_id: UUID, name: str) -> str:
    """What a person reads in that part of the page."""
    with desk.runtime.db.reading() as session:
        case_id = session.get_one(Feedback, feedback_id).case_id
    page = desk.browser(name).visit(f"/cases/{case_id}").text
    found = re.search(r'<section class="case__who".*?</section>', page, re.DOTALL)
    assert found is not None
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", found[0])).split())


@pytest.fixture
def network(desk: Any) -> Any:
    """A desk with a channel of the network, and one colleague for each language."""
    for language in WORDS:
        desk.hire(language.title(), language=language)
    house = desk.runtime
    with house.db.writing() as session:
        options = {"base_url": "https://social.example", "access_token": "made-up"}
        channel = add_channel(
            session, house.host, kind="mastodon", name="Red", slug="red", options=options, now=house.clock(),
            keys=house.keys,
        )  # fmt: skip
        desk.network_id = channel.id
    return desk


def say(network: Any, **author: Any) -> UUID:
    """Somebody in the network says something bad."""
    feedback_id: UUID = network.say("Terrible, I will sue you", 0, work=False, **author)
    with network.runtime.db.writing() as session:
        session.execute(update(Feedback).where(Feedback.id == feedback_id).values(channel_id=network.network_id))
    network.work()
    return feedback_id


@pytest.mark.parametrize("language", WORDS)
def test_an_account_is_shown_with_its_network(network: Any, language: str) -> None:
    account, address, nobody = WORDS[language]
    shown = who_it_is(network, say(network, handle=HANDLE), language.title())
    assert f"Mastodon {HANDLE}" in shown
    assert account in shown
    assert address not in shown
    assert nobody not in shown
    assert MAIL[language] not in shown


@pytest.mark.parametrize("language", WORDS)
def test_who_left_an_address_and_who_left_nothing(network: Any, language: str) -> None:
    account, address, nobody = WORDS[language]
    shown = who_it_is(network, say(network, email="rosa@example.com", handle=HANDLE), language.title())
    assert f"{MAIL[language]} rosa@example.com" in shown
    assert f"Mastodon {HANDLE}" in shown
    assert address in shown
    shown = who_it_is(network, say(network, name="Rosa"), language.title())
    assert nobody in shown
    assert address not in shown
    assert account not in shown


def test_a_verified_account_is_shown_too_and_nobody_doubts_it(network: Any) -> None:
    shown = who_it_is(network, say(network, name="Rosa", handle=HANDLE, verified=True), "En")
    assert f"Mastodon {HANDLE}" in shown
    assert not any(words in shown for words in WORDS["en"])


def test_a_customer_number_is_shown(network: Any) -> None:
    shown = who_it_is(network, say(network, external_id="c-7", verified=True), "Es")
    assert "Número de cliente c-7" in shown


def test_it_stands_once_and_without_that_of_strangers(network: Any) -> None:
    first = say(network, handle=HANDLE)
    with network.runtime.db.reading() as session:
        case_id = session.get_one(Feedback, first).case_id
    for handle in (HANDLE, "@troll@far.example"):
        other = network.say("Me too", 0, work=False, handle=handle)
        with network.runtime.db.writing() as session:
            values = {"channel_id": network.network_id, "case_id": case_id}
            session.execute(update(Feedback).where(Feedback.id == other).values(**values))
        network.work()
    shown = who_it_is(network, first, "En")
    assert shown.count(f"Mastodon {HANDLE}") == 1
    assert "troll" not in shown


def test_without_a_name_the_account_is_the_name_here_and_in_the_inbox(network: Any) -> None:
    hostile = "@<script>alert(1)</script>@far.example"
    feedback_id = say(network, handle=hostile)
    page = network.browser("En").visit("/inbox").text
    assert "&lt;script&gt;alert(1)" in page
    assert "<script>alert(1)" not in page
    with network.runtime.db.reading() as session:
        case = session.get_one(Case, session.get_one(Feedback, feedback_id).case_id)
    page = network.browser("En").visit(f"/cases/{case.id}").text
    assert "<script>alert(1)" not in page
    assert f"{unescape(hostile)}" in unescape(page)
    assert "Somebody without a name" not in page
