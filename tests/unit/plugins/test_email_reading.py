"""What the e-mail channel makes of a mail: a customer's words with their thread, or what no person wrote."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from email.message import EmailMessage
from typing import Any

import pytest
from voc_plugins.email.fetching import NOT_GIVEN, TOO_LARGE
from voc_plugins.email.identity import external_id
from voc_plugins.email.robots import robot
from voc_plugins.email.subjects import bare, is_reply
from voc_plugins.email.trust import verified

from voc.plugin import Ignored, Inbound, Mail, MailAddress, Robot

Read = Callable[..., Any]

PLAIN = (
    "From: Ana Quispe <ana@example.pe>\r\nTo: ayuda@aurora.example\r\nSubject: Mi pedido\r\n"
    "Message-ID: <uno@example.pe>\r\nDate: Tue, 3 Mar 2026 10:00:00 -0500\r\n\r\nNo llegó.\r\n"
).encode()


def raw(body: str = "No llegó.", **headers: str) -> bytes:
    """A mail of Ana's; `Reply_To` is Reply-To, an empty value leaves a header out."""
    given = {"From": "Ana <ana@example.pe>", "Subject": "Mi pedido", "Message_ID": "<uno@example.pe>", **headers}
    lines = [f"{name.replace('_', '-')}: {value}" for name, value in given.items() if value]
    return "\r\n".join([*lines, "", body, ""]).encode()


def test_a_customers_mail(read_raw: Read) -> None:
    item = read_raw(PLAIN)
    assert isinstance(item, Inbound)
    assert (item.text, item.subject, item.thread, item.names) == ("No llegó.", "Mi pedido", (), ("uno@example.pe",))
    assert item.sent_at == datetime(2026, 3, 3, 15, 0, tzinfo=UTC)
    assert item.author is not None
    assert (item.author.name, item.author.email, item.author.verified) == ("Ana Quispe", "ana@example.pe", False)
    assert item.reply_to == {
        "to": "ana@example.pe", "subject": "Mi pedido", "message_id": "uno@example.pe", "references": [],
    }  # fmt: skip
    assert (item.metric, item.score, item.reach) == (None, None, None)


def test_an_answer_names_what_it_answers_nearest_first(read_raw: Read) -> None:
    item = read_raw(
        raw(Subject="Re: Mi pedido", In_Reply_To="<c@a.example>", References="<a@x> <b@a.example> <c@a.example>")
    )
    assert item.thread == ("c@a.example", "b@a.example", "a@x")
    assert item.reply_to["references"] == ["a@x", "b@a.example", "c@a.example", "c@a.example"]


def test_the_same_mail_is_the_same_however_it_comes() -> None:
    first = external_id(PLAIN)
    transported = b"Received: from a by b\r\nDelivered-To: x@y\r\nReturn-Path: <ana@example.pe>\r\n" + PLAIN
    for other in (
        PLAIN,
        PLAIN.replace(b"\r\n", b"\n"),
        PLAIN + b"\r\n\r\n",
        transported,
        b"From ana@example.pe Tue Mar  3 10:00:00 2026\n" + PLAIN.replace(b"\r\n", b"\n"),
        PLAIN.replace(b"Subject: Mi pedido", b"Subject: [SPAM?] Mi pedido"),
        PLAIN.replace(b"Date: Tue, 3 Mar 2026 10:00:00 -0500", b"Date: Tue, 3 Mar 2026\r\n 10:00:00 -0500"),
    ):
        assert external_id(other) == first
    for other in (
        PLAIN.replace(b"<uno@", b"<dos@"),
        PLAIN.replace(b"10:00", b"11:00"),
        PLAIN.replace(b"ana@", b"eva@"),
        PLAIN.replace(b"No lleg", b"Ya lleg"),
        PLAIN.replace(b"Message-ID: <uno@example.pe>\r\n", b""),
    ):
        assert external_id(other) != first


def test_without_an_id_the_rest_decides() -> None:
    bare_mail = PLAIN.replace(b"Message-ID: <uno@example.pe>\r\n", b"")
    assert external_id(bare_mail) == external_id(b"Received: x\r\n" + bare_mail)
    assert external_id(bare_mail) != external_id(bare_mail.replace(b"Mi pedido", b"Otro"))
    escaped = bare_mail + b">From aqui en adelante\r\n"
    assert external_id(escaped) == external_id(bare_mail + b"From aqui en adelante\r\n")


@pytest.mark.parametrize(
    "hostile", [b"", b"\r\n" * 1000, b"\xff" * 1000, b"From: a" + b"\r\n b" * 300_000, b"x" * 3_000_000]
)
def test_anything_has_an_identity(hostile: bytes) -> None:
    assert external_id(hostile) == external_id(hostile)


ROBOTS = [
    ({"Auto_Submitted": "auto-replied"}, "Auto-Submitted"),
    ({"Auto_Submitted": "auto-generated; owner"}, "Auto-Submitted"),
    ({"X_Autoreply": "yes"}, "x-autoreply"),
    ({"X_Autorespond": "x"}, "x-autorespond"),
    ({"Precedence": "auto_reply"}, "Precedence"),
    ({"Precedence": "bulk"}, "to many"),
    ({"List_Id": "Ofertas <ofertas.tienda.example>"}, "list"),
    ({"List_Unsubscribe": "<mailto:x@y.example>"}, "to many"),
    ({"Return_Path": "<>"}, "mail server"),
    ({"From": "MAILER-DAEMON@mx.example"}, "mail server"),
    ({"From": "Aurora <AYUDA@aurora.example>"}, "our own"),
    ({"From": "Ventas <ventas@aurora.example>"}, "our own"),
    ({"From": "no-reply@shop.example"}, "takes no answers"),
    ({"From": "noresponder@banco.example"}, "takes no answers"),
    ({"From": "nao-responda@banco.example"}, "takes no answers"),
    ({"From": "do-not-reply@shop.example"}, "takes no answers"),
    ({"Subject": "Respuesta automática: Mi pedido"}, "subject"),
    ({"Subject": "Respuesta automatica"}, "subject"),
    ({"Subject": "Fuera de la oficina"}, "subject"),
    ({"Subject": "Fuera de oficina: Mi pedido"}, "subject"),
    ({"Subject": "Resposta automática: Meu pedido"}, "subject"),
    ({"Subject": "Ausência temporária"}, "subject"),
    ({"Subject": "Fora do escritório: x"}, "subject"),
    ({"Subject": "Automatic reply: My order"}, "subject"),
    ({"Subject": "Out of Office: My order"}, "subject"),
    ({"Subject": "Auto: vacaciones"}, "subject"),
    ({"Subject": "=?utf-8?q?Respuesta_autom=C3=A1tica=3A?= x"}, "subject"),
]


@pytest.mark.parametrize(("headers", "why"), ROBOTS)
def test_machines_are_robots(read_raw: Read, headers: dict[str, str], why: str) -> None:
    item = read_raw(raw(**headers), own_addresses=["ventas@aurora.example"])
    assert isinstance(item, Robot)
    assert why in item.reason


PEOPLE = [
    {"Auto_Submitted": "no"},
    {"Subject": "Re: Respuesta automática: Mi pedido"},
    {"Subject": "Respuesta automática inútil, quiero hablar con alguien"},
    {"Subject": "Out of office hours nobody answers"},
    {"Subject": "Auto roto"},
    {"Subject": "Autos: no me llaman"},
    {"Subject": "Me devolvieron el correo"},
    {"From": "Formulario <no-reply@aurora.example.net>", "Reply_To": "Ana <ana@example.pe>"},
    {"List_Id": "Ayuda <ayuda.aurora.example>"},
    {"List_Id": "ayuda.aurora.example"},
    {"From": "Norberto <norberto@example.pe>"},
    {"From": "Postma <postma@example.pe>"},
]


@pytest.mark.parametrize("headers", PEOPLE)
def test_people_are_no_robots(read_raw: Read, headers: dict[str, str]) -> None:
    item = read_raw(raw(**headers), own_lists=["ayuda.aurora.example"])
    assert isinstance(item, Inbound)
    assert item.author is not None
    assert item.author.email != "no-reply@aurora.example.net"


def test_behind_a_form_stands_the_customer(read_raw: Read) -> None:
    item = read_raw(raw(From="Web <no-reply@shop.example>", Reply_To="Ana <ana@example.pe>"))
    assert (item.author.email, item.reply_to["to"]) == ("ana@example.pe", "ana@example.pe")


def test_the_answer_goes_where_the_mail_asks_but_never_to_us(read_raw: Read) -> None:
    for given in (
        "<otra@example.pe>",
        "otra@example.pe",
        "Otra, Ana <x@y>, <otra@example.pe>",
        '"Otra, Ana" <otra@example.pe>',
        "otra@example.pe (Ana)",
        "Ana <otra@example.pe>, ayuda@aurora.example,",
        "a@b.pe <otra@example.pe>",
    ):
        wanted = "otra@example.pe" if "<x@y>" not in given else "ana@example.pe"
        assert read_raw(raw(Reply_To=given)).reply_to["to"] == wanted, given
    assert read_raw(raw(Reply_To="<ayuda@aurora.example>")).reply_to["to"] == "ana@example.pe"
    item = read_raw(raw(From=""))
    assert (item.author, item.reply_to) == (None, None)


@pytest.mark.parametrize(
    ("body", "headers", "text"),
    [
        ("", {}, "Mi pedido"),
        ("\r\n \r\n", {"Subject": "RV: Mi pedido no llega"}, "Mi pedido no llega"),
        ("Enviado desde mi iPhone", {}, "Mi pedido"),
    ],
)
def test_a_mail_without_words_says_its_subject(read_raw: Read, body: str, headers: dict[str, str], text: str) -> None:
    assert read_raw(raw(body, **headers)).text == text


def test_a_photo_alone_is_something_said(read_raw: Read) -> None:
    made = EmailMessage()
    made["From"], made["In-Reply-To"], made["Subject"] = "ana@example.pe", "<a@b>", "Re: Mi pedido"
    made.add_attachment(b"\xff\xd8", maintype="image", subtype="jpeg", filename="roto.jpg")
    item = read_raw(made.as_bytes())
    assert item.text == "[roto.jpg]"
    assert [(file.name, file.size, file.body) for file in item.attachments] == [("roto.jpg", 2, b"\xff\xd8")]


def test_nothing_at_all_is_ignored_with_a_reason(read_raw: Read) -> None:
    assert read_raw(raw("", Subject="")) == Ignored("the mail is empty: no words, no subject, no files")
    quoted = raw("> Hola Ana", Subject="Re: Mi pedido", In_Reply_To="<a@b>")
    assert read_raw(quoted) == Ignored("it only repeats what was said before")


def test_what_was_not_fetched_is_for_a_person(read_raw: Read) -> None:
    where = {"folder": "INBOX", "uid": "7"}
    with pytest.raises(ValueError, match=r"99000000 bytes, more than the 30000000.*folder INBOX, UID 7"):
        read_raw(
            b"Subject: x\r\n\r\n", content_type=TOO_LARGE, headers={**where, "size": "99000000", "limit": "30000000"}
        )
    with pytest.raises(ValueError, match="does not give it: folder INBOX, UID 7"):
        read_raw(b"1:7", content_type=NOT_GIVEN, headers=where)


def test_a_clock_that_is_wrong_is_not_believed(read_raw: Read) -> None:
    assert read_raw(raw(Date="Tue, 3 Mar 2099 10:00:00 -0500")).sent_at is None
    assert read_raw(raw(Date="Thu, 1 Jan 1970 00:00:00 +0000")).sent_at is None
    assert read_raw(raw(Date="gestern")).sent_at is None


def mail_of(results: str, sender: str = "ana@shop.example.pe") -> Mail:
    headers = {"from": sender, "authentication-results": results}
    return Mail(sender=MailAddress("", sender), headers=headers)


@pytest.mark.parametrize(
    ("results", "proved"),
    [
        ("mx.aurora.example; dmarc=pass (p=REJECT) header.from=shop.example.pe", True),
        ("mx.aurora.example 1; spf=fail; dmarc=pass", True),
        ("MX.Aurora.Example; dkim=pass header.d=example.pe", True),
        ("mx.aurora.example; spf=pass smtp.mailfrom=ana@shop.example.pe", True),
        ("mx.aurora.example; dkim=pass header.d=mailer.example", False),
        ("mx.aurora.example; spf=pass smtp.mailfrom=bounce@mailer.example", False),
        ("mx.aurora.example; dmarc=fail header.from=shop.example.pe", False),
        ("mx.aurora.example; dmarc=pass header.from=other.example", False),
        ("mx.aurora.example; dkim=pass header.d=pe", False),
        ("mx.aurora.example; none", False),
        ("mx.other.example; dmarc=pass header.from=shop.example.pe", False),
        ("mx.aurora.example (dmarc=pass); spf=none", False),
        ("mx.aurora.example; dmarc=fail\nmx.aurora.example; dmarc=pass", False),
        ("spam.example; dmarc=fail\nmx.aurora.example; dmarc=pass", True),
        ("", False),
    ],
)
def test_senders_are_proved_by_our_own_server_only(results: str, proved: bool) -> None:
    assert verified(mail_of(results), "mx.aurora.example") is proved
    assert not verified(mail_of(results), "")


def test_two_senders_prove_nobody() -> None:
    mail = mail_of("mx.aurora.example; dmarc=pass")
    twice = Mail(sender=mail.sender, headers={**mail.headers, "from": "a@shop.example.pe\nb@shop.example.pe"})
    assert not verified(twice, "mx.aurora.example")


def test_verified_reaches_the_author(read_raw: Read) -> None:
    proof = "mx.aurora.example; dmarc=pass header.from=example.pe"
    item = read_raw(raw(Authentication_Results=proof), trust_authentication_results="mx.aurora.example")
    assert item.author.verified
    assert not read_raw(raw(Authentication_Results=proof)).author.verified


def test_subjects() -> None:
    assert bare("RE: Re[2]: Fwd: RV: Enc: Mi pedido") == "Mi pedido"
    assert bare("Reclamo: no llegó") == "Reclamo: no llegó"
    assert [is_reply(text) for text in ("Re: x", "RES: x", "RV: x", "Reclamo", "re:")] == [
        True,
        True,
        False,
        False,
        True,
    ]


def test_robots_need_no_sender() -> None:
    assert robot(Mail(subject="hola"), {}) is None


@pytest.mark.parametrize(
    "malformed",
    [
        "x@y.example\n Bcc: z@otra.example", "x@y.example\r\n Bcc: z@otra.example", "x@y.example Bcc: z@otra.example",
        "<x@y.example> otra", "grupo: x@y.example;", "x@y.example; z@otra.example", "x@y.example z@otra.example",
        "x@@y.example", '"x@y.example', "x@y.example,, ,", "x@y.example <", "(" * 5000, "<" * 5000, '"\\' * 3000,
    ],
)  # fmt: skip
def test_a_malformed_reply_to_is_no_route(read_raw: Read, malformed: str) -> None:
    """Nobody is written to whom nobody named: then the answer goes to the sender."""
    assert read_raw(raw(Reply_To=malformed)).reply_to["to"] == "ana@example.pe"


def test_words_behind_a_wall_of_tags_are_found_and_the_cut_is_told(read_raw: Read) -> None:
    html = "<b></b>" * 100_000 + "<p>Esto es p\u00e9simo,&nbsp;</p><p>nadie contesta.</p>"
    item = read_raw(raw(html, Content_Type="text/html; charset=utf-8"))
    assert "p\u00e9simo" in item.text
    assert "nadie contesta." in item.text
    assert item.facts == {"truncated": True}
    # Farther away than anybody looks, the subject is all there is, and it is told that there is more.
    item = read_raw(raw("<b></b>" * 400_000 + "Hola", Content_Type="text/html; charset=utf-8"))
    assert (item.text, item.facts) == ("Mi pedido", {"truncated": True})
