"""Why something does not work, as people read it: in their language, without the names of exceptions."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from tests.conftest import worker_of
from tests.web.conftest import Desk, text
from voc.core.ids import new_id
from voc.core.vocabulary import Door, ReceiptState, RoleName
from voc.intake.arrive import arrive
from voc.intake.channels import add_channel
from voc.model import Case, Receipt

PLUGIN = """\
from voc.plugin import Channel, Health, hookimpl


class Crow(Channel):
    kind = "crow"

    def check(self, ctx):
        return Health("ok", "3 crows of 5 are back")

    def read(self, view, raw):
        raise ValueError("the crow Hugin said nothing")


@hookimpl
def voc_channels():
    return [Crow]
"""
MANIFEST = """\
name = "crow"
contract = 1
kinds = ["crow"]

[texts.es.sentences]
"{here} crows of {all} are back" = "volvieron {here} de {all} cuervos"
"the crow {name} said nothing" = "el cuervo {name} no dijo nada"
"""


@pytest.fixture
def crows(sqlite_settings: Any, make_desk: Any) -> Desk:
    """A house with a stranger's plugin, and one receipt that it cannot read."""
    folder = sqlite_settings.instance / "plugins/crow"
    folder.mkdir(parents=True)
    (folder / "plugin.toml").write_text(MANIFEST, encoding="utf-8")
    (folder / "__init__.py").write_text(PLUGIN, encoding="utf-8")
    desk: Desk = make_desk()
    return desk


def channel(desk: Desk, kind: str, **options: Any) -> Any:
    """Add a channel; the worker tests it."""
    runtime = desk.runtime
    with runtime.db.writing() as session:
        added = add_channel(
            session,
            runtime.host,
            kind=kind,
            name=kind,
            slug=kind,
            options=options,
            now=runtime.clock(),
            keys=runtime.keys,
        )
        key = added.id
    worker_of(runtime)()
    return key


def bring(desk: Desk, key: Any, body: bytes, content_type: str) -> None:
    """Something arrives, and is read."""
    runtime = desk.runtime
    arrive(
        runtime.writer,
        runtime.keys,
        door=Door.PIPE,
        channel_id=key,
        body=body,
        content_type=content_type,
        now=runtime.clock(),
    )
    desk.work()


def receipt(desk: Desk, key: Any, reason: str) -> None:
    """Something of this channel that could not be read."""
    with desk.runtime.db.writing() as session:
        session.add(
            Receipt(
                id=new_id(), channel_id=key, door=Door.PUSH, state=ReceiptState.QUARANTINED, reason=reason,
                received_at=desk.runtime.clock(), content_type="text/plain", headers={}, body=b"x",
            )
        )  # fmt: skip


@pytest.mark.parametrize(
    ("language", "tested", "reason"),
    [
        ("es", "volvieron 3 de 5 cuervos", "el cuervo Hugin no dijo nada"),
        ("pt", "3 crows of 5 are back", "the crow Hugin said nothing"),
        ("en", "3 crows of 5 are back", "the crow Hugin said nothing"),
    ],
)
def test_strangers_plugins_are_heard_in_the_readers_language(
    crows: Desk, language: str, tested: str, reason: str
) -> None:
    """And in the plugin's own where it has no other."""
    crows.hire("Olga", RoleName.ADMIN, language=language)
    key = channel(crows, "crow")
    bring(crows, key, b"caw", "text/plain")
    page = text(crows.browser("Olga").visit(f"/channels/{key}"))
    assert tested in page
    assert reason in page
    assert "ValueError" not in page
    assert reason in text(crows.browser("Olga").visit("/status"))


@pytest.mark.parametrize(
    ("stored", "shown"),
    [
        ("plugin webhook: ValueError: this is no JSON object", "esto no es un objeto JSON"),
        ("plugin webhook: KeyError: 'customer'", "Un error del programa: 'customer'"),
        ("plugin webhook: NotImplementedError", "Un error del programa."),
        ("plugin webhook: did not answer within 10 seconds", "el plugin webhook no respondió en 10 segundos"),
        (
            "plugin webhook: its process ended by itself with exit status 3",
            "el plugin webhook: su proceso terminó por sí mismo con el estado 3",
        ),
        (
            "plugin webhook: cannot be loaded: needs the Python package acme, which is not installed: pip install acme",
            "el plugin webhook: no se puede cargar: necesita el paquete de Python acme, que no está instalado",
        ),
        ("plugin webhook: all its 4 processes are busy", "el plugin webhook: todos sus 4 procesos están ocupados"),
        ("plugin.toml: a: b: c: d: must be a list of words", "plugin.toml: a: b: c: d: must be a list of words"),
        ("plugin.toml: " + "; " * 40 + "update voc", "; update voc"),
        ("no loaded plugin reads channels of kind fax", "ningún plugin cargado lee canales de tipo fax"),
        ("plugin webhook: ValueError: score is 'x', which is no whole number", "la puntuación es 'x', que no es"),
        ("what nobody has heard of", "what nobody has heard of"),
        ("<b>%(x)s {reason}</b>", "<b>%(x)s {reason}</b>"),
    ],
)
def test_reasons_of_receipts(desk: Desk, stored: str, shown: str) -> None:
    desk.hire("Olga", RoleName.ADMIN, language="es")
    key = channel(desk, "webhook", signature="none")
    receipt(desk, key, stored)
    answer = desk.browser("Olga").visit(f"/channels/{key}")
    page = text(answer)
    assert shown in page
    assert "Error:" not in page
    assert "<b>" not in answer.text


@pytest.mark.parametrize(
    ("language", "words"),
    [("es", "Nada va firmado"), ("pt", "Nada é assinado"), ("en", "Nothing is signed")],
)
def test_the_test_of_a_connection_speaks_the_readers_language(desk: Desk, language: str, words: str) -> None:
    desk.hire("Olga", RoleName.ADMIN, language=language)
    key = channel(desk, "webhook", signature="none")
    browser = desk.browser("Olga")
    assert words in text(browser.visit(f"/channels/{key}"))
    assert words in text(browser.visit("/channels"))
    assert words in text(browser.visit("/status"))


def test_the_status_page_leads_to_surveys_where_they_are(desk: Desk) -> None:
    desk.hire("Olga", RoleName.ADMIN)
    channel(desk, "survey")
    browser = desk.browser("Olga")
    page = browser.visit("/status").text
    assert 'href="/s/survey"' in page
    assert "/f/survey" not in page
    assert browser.visit("/s/survey").status_code == 200
    assert 'href="/f/feedback"' in page
    assert "/f/shop" not in page, "what programs bring has no page"


def letter(number: int, sender: str, text: str, **headers: str) -> bytes:
    """A mail to the shop."""
    lines = [
        f"From: {sender}", "To: ayuda@aurora.example", "Subject: Mi pedido", f"Message-ID: <carta-{number}@example.pe>",
        "Content-Type: text/plain; charset=utf-8", *(f"{name.replace('_', '-')}: {it}" for name, it in headers.items()),
    ]  # fmt: skip
    return "\r\n".join([*lines, "", text, ""]).encode()


def test_a_case_says_who_else_wrote_and_where_answers_go(desk: Desk) -> None:
    """A Reply-To that is another address, and another address in the thread, are no secret."""
    key = channel(desk, "email", from_address="ayuda@aurora.example")
    mails = [
        letter(1, "Ana <ana@example.pe>", "Es una estafa, los voy a denunciar.", Reply_To="Casa <casa@otra.example>"),
        letter(2, "Pedro <pedro@example.pe>", "Manden el dinero a mi cuenta.", In_Reply_To="<carta-1@example.pe>"),
        letter(3, "Ana <ANA@example.pe>", "Sigo esperando.", In_Reply_To="<carta-1@example.pe>"),
    ]
    for mail in mails:
        bring(desk, key, mail, "message/rfc822")
    with desk.runtime.db.reading() as session:
        (case,) = session.scalars(select(Case)).all()
    page = text(desk.browser("Camila").visit(f"/cases/{case.id}"))
    assert page.count("Came from ana@example.pe and asks to answer to casa@otra.example.") == 1
    assert page.count("Another address, not verified: pedro@example.pe.") == 1
    assert page.count("not verified:") == 1, "Ana is Ana, whatever the letters of her address"
