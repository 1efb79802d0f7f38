"""Mails as they go over the wire: headers nobody can add to, threads that hold together, texts that arrive whole."""

from __future__ import annotations

from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voc.core.errors import Permanent, Temporary
from voc.core.text import storable
from voc.delivery.compose import (
    EARLIER_SHOWN,
    LONGEST_NAME,
    NO_DOMAIN,
    answer_mail,
    domain_of,
    header_id,
    header_text,
    internal_mail,
    sender_of,
    thread_root,
)

NOW = datetime(2026, 3, 10, 15, 30, tzinfo=UTC)
CASE = UUID(int=0x0190_0000_0000_7000_8000_0000_0000_0001)
OWN = header_id(UUID(int=0x0190_0000_0000_7000_8000_0000_0000_0002), "aurora.pe")
ROOT = thread_root(CASE, OWN)
ANSWER_HEADERS = {
    "from",
    "to",
    "subject",
    "date",
    "message-id",
    "in-reply-to",
    "references",
    "content-type",
    "content-transfer-encoding",
    "mime-version",
}


def answer(**changes: Any) -> bytes:
    values: dict[str, Any] = {
        "mail_from": "Aurora <ayuda@aurora.pe>",
        "recipient": "ana@example.pe",
        "subject": "Su comentario",
        "text": "Estimada Ana:\n\nLo sentimos.",
        "own_id": OWN,
        "root": ROOT,
        "earlier": (),
        "language": "es",
        "link": None,
        "now": NOW,
    }
    return answer_mail(**(values | changes))


def read(wire: bytes) -> Any:
    assert wire.isascii()
    assert all(len(line) <= 998 for line in wire.split(b"\r\n"))
    assert b"\n" not in wire.replace(b"\r\n", b"")
    return message_from_bytes(wire, policy=policy.default)


def body(wire: bytes) -> str:
    content: str = read(wire).get_content()
    return content.replace("\r\n", "\n")


def phrase(wire: bytes, header: str) -> str:
    """The name before the address; not by `policy.default`, which puts blanks between encoded words of a name."""
    raw = str(message_from_bytes(wire)[header]).rpartition("<")[0].strip()
    return str(make_header(decode_header(raw)))


def test_an_answer_says_who_when_and_about_what() -> None:
    mail = read(answer())
    assert mail["From"] == "Aurora <ayuda@aurora.pe>"
    assert mail["To"] == "ana@example.pe"
    assert mail["Subject"] == "Su comentario"
    assert mail["Date"].datetime == NOW
    assert mail["Message-ID"] == OWN
    assert mail.get_content_type() == "text/plain"
    assert mail.get_content_charset() == "utf-8"
    assert body(answer()) == "Estimada Ana:\n\nLo sentimos.\n"
    assert mail["Auto-Submitted"] is None


def test_names_and_subjects_outside_ascii_arrive() -> None:
    mail = read(answer(mail_from="Almacén Ñandú, Atención <ayuda@aurora.pe>", subject="Atenção: sua reclamação 😀"))
    assert mail["From"].addresses[0].display_name == "Almacén Ñandú, Atención"
    assert mail["Subject"] == "Atenção: sua reclamação 😀"


@pytest.mark.parametrize(
    ("language", "phrase"),
    [
        ("es", "Puede ver el estado de su caso aquí: https://voc.aurora.pe/t/ABC?s=x"),
        ("pt", "Você pode ver a situação do seu caso aqui: https://voc.aurora.pe/t/ABC?s=x"),
        ("en", "You can see the status of your case here: https://voc.aurora.pe/t/ABC?s=x"),
        ("fr", "You can see the status of your case here: https://voc.aurora.pe/t/ABC?s=x"),
    ],
)
def test_the_status_link_stands_below_the_answer_as_a_signature(language: str, phrase: str) -> None:
    mail = answer(language=language, link="https://voc.aurora.pe/t/ABC?s=x", text="Hola.  \n\n\n")
    assert body(mail) == f"Hola.\n\n-- \n{phrase}\n"


def test_the_first_mail_of_a_case_names_only_the_root() -> None:
    mail = read(answer())
    assert mail["References"] == ROOT
    assert mail["In-Reply-To"] is None
    assert thread_root(CASE, OWN) == f"<case-{CASE.hex}@aurora.pe>"


def test_later_mails_answer_the_last_one_and_list_all() -> None:
    first, second = "<a@aurora.pe>", "<b@aurora.pe>"
    mail = read(answer(earlier=(first, second)))
    assert mail["In-Reply-To"] == second
    assert mail["References"].split() == [ROOT, first, second]
    assert mail["Subject"] == "Re: Su comentario"
    assert read(answer(earlier=(first,), subject="RE: Su comentario"))["Subject"] == "RE: Su comentario"


@given(st.integers(min_value=0, max_value=60))
def test_references_stay_bounded_and_keep_the_root_first(count: int) -> None:
    earlier = [header_id(UUID(int=number + 1), "aurora.pe") for number in range(count)]
    listed = read(answer(earlier=earlier))["References"].split()
    assert listed[0] == ROOT
    assert listed[1:] == earlier[-EARLIER_SHOWN:]


def test_the_root_keeps_the_domain_the_case_began_with() -> None:
    assert thread_root(CASE, "<abc@old.example>").endswith("@old.example>")
    assert thread_root(CASE, "").endswith(f"@{NO_DOMAIN}>")


NASTY = st.one_of(
    st.text(max_size=120),
    st.lists(
        st.sampled_from(["\r\n", "\n", "\r", "\x0b", "\x85", "\u2028", "\ud800", "\x00", "Bcc: x@evil.example", ":",
                         "=?utf-8?q?=0d=0aBcc:_x=40evil.example?=", "=?utf-8?b?DQpCY2M6IHg=?=", " ", "ñ", "<", ">",
                         "\"", "\\", ",", ";", "@", "é" * 80, "a" * 90]),
        max_size=12,
    ).map("".join),
)  # fmt: skip


@given(subject=NASTY, name=NASTY, text=NASTY)
def test_nothing_typed_becomes_a_header(subject: str, name: str, text: str) -> None:
    mail = read(answer(subject=subject, text=text))
    assert {key.lower() for key in mail} <= ANSWER_HEADERS
    assert len(mail["To"].addresses) == 1
    assert mail["Subject"] == header_text(subject)
    wire = internal_mail(
        mail_from="ayuda@aurora.pe",
        name=name,
        recipient="eva@aurora.pe",
        subject=subject,
        text=text,
        own_id=OWN,
        now=NOW,
    )
    notice = read(wire)
    assert {key.lower() for key in notice} <= ANSWER_HEADERS | {"auto-submitted"}
    assert [address.addr_spec for address in notice["To"].addresses] == ["eva@aurora.pe"]
    assert phrase(wire, "To") == header_text(name)[:LONGEST_NAME].strip()


@given(NASTY)
def test_a_hostile_recipient_or_sender_never_adds_another(value: str) -> None:
    for change, error in (({"recipient": value}, Permanent), ({"mail_from": value}, Temporary)):
        try:
            mail = read(answer(**change))
        except error:
            continue
        assert {key.lower() for key in mail} <= ANSWER_HEADERS
        assert len(mail["To"].addresses) == 1
        assert len(mail["From"].addresses) == 1


@given(st.text(max_size=400))
def test_a_text_arrives_as_it_was_written(text: str) -> None:
    assert body(answer(text=text)).rstrip() == storable(text).rstrip()


@pytest.mark.parametrize("recipient", ["", "nobody", "a@", "@b.pe", "a@b..pe", "a b@c.pe", "a@b.pe, c@d.pe", "a@-x.pe"])
def test_what_is_no_address_is_refused_for_good(recipient: str) -> None:
    with pytest.raises(Permanent):
        answer(recipient=recipient)


def test_domains_outside_ascii_are_written_in_ascii() -> None:
    assert read(answer(recipient="ana@ñandú.example"))["To"] == "ana@xn--and-6ma2c.example"


def test_a_sender_that_is_no_address_is_for_the_operator_to_mend() -> None:
    with pytest.raises(Temporary, match="VOC_MAIL_FROM"):
        sender_of("Aurora")
    assert sender_of("Aurora <ayuda@aurora.pe>") == "ayuda@aurora.pe"
    assert domain_of("Aurora <ayuda@aurora.pe>") == "aurora.pe"
    assert domain_of("") == NO_DOMAIN
    assert len(header_id(CASE, domain_of(f"a@{'long.' * 40}pe"))) <= 200


def test_a_notice_is_marked_as_automatic() -> None:
    mail = read(
        internal_mail(
            mail_from="Aurora <ayuda@aurora.pe>",
            name="Eva Quispe",
            recipient="eva@aurora.pe",
            subject="Plazo vencido",
            text="Hola, Eva",
            own_id=OWN,
            now=NOW,
        )
    )
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["To"] == "Eva Quispe <eva@aurora.pe>"
    assert mail["References"] is None
