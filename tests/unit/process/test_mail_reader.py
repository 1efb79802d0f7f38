"""Reading mail: charsets, parts, files, ids, and the HTML that stands for text."""

from __future__ import annotations

import base64
from email.message import EmailMessage
from typing import Any

import pytest

from voc.process.parsing.charset import codec_name, decoded, unflowed
from voc.process.parsing.headers import addresses, content_type, date, ids, words
from voc.process.parsing.mail import read_mail
from voc.process.parsing.markup import text_of_html

HEAD = b"From: Ana <ana@example.pe>\r\nSubject: hola\r\n"


def mail(raw: bytes | EmailMessage) -> dict[str, Any]:
    """What is read of it."""
    return read_mail(raw.as_bytes() if isinstance(raw, EmailMessage) else raw)[0]


@pytest.mark.parametrize(
    ("data", "declared", "text"),
    [
        (b"se\xf1or", "iso-8859-1", "señor"),
        (b"se\xf1or", None, "señor"),
        (b"se\xf1or", "utf-8", "señor"),
        ("señor".encode(), "iso-8859-1", "señor"),
        ("señor".encode(), "us-ascii", "señor"),
        (b"\x93hola\x94", "iso-8859-1", "“hola”"),
        (b"\xa4", "iso-8859-15", "€"),
        ("ação".encode("utf-16"), "utf-16", "ação"),
        ("ação".encode("utf-8-sig"), None, "ação"),
        ("ñáéíóúñáéíóú".encode() + b"\xff", "utf-8", "ñáéíóúñáéíóú\ufffd"),
        ("привет".encode("koi8-r"), "koi8-r", "привет"),
        ("日本".encode("iso-2022-jp"), "iso-2022-jp", "日本"),
        ("你好".encode("gbk"), "gb2312", "你好"),
        (b"a+APE-o", "utf-7", "año"),
    ],
)  # fmt: skip
def test_bytes_become_the_text_that_was_meant(data: bytes, declared: str | None, text: str) -> None:
    assert decoded(data, declared) == text


@pytest.mark.parametrize("name", ["base64", "idna", "zlib", "rot13", "no such", "x" * 200, "", None, "unicode_escape"])
def test_codecs_that_are_no_charsets_are_not_used(name: str | None) -> None:
    assert codec_name(name) is None


def test_flowed_paragraphs_are_joined() -> None:
    assert unflowed("El pedido \nllegó \ntarde.\n> cita \n> larga\n-- \nAna", delete_space=False) == (
        "El pedido llegó tarde.\n> cita larga\n-- \nAna"
    )
    assert unflowed("largo \ncorto", delete_space=True) == "largocorto"


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("=?utf-8?q?atenci=C3=B3n?= =?utf-8?b?w7E=?=", "atenciónñ"),
        ("=?utf-8?q?a=C3?= =?utf-8?q?=B3n?=", "aón"),
        ("=?ISO-8859-1?Q?se=F1or?= Pérez", "señor Pérez"),
        ("=?utf-8*es?q?a=C3=B1o?=", "año"),
        ("=?utf-8?b?w7FhbmR?=", "ñand"),
        ("hola =?no?x?=", "hola =?no?x?="),
        ("dos\r\n  líneas", "dos líneas"),
        ("=?utf-8?q?a=0D=0ABcc:_x?=", "a Bcc: x"),
    ],
)
def test_headers_are_decoded(raw: str, text: str) -> None:
    assert words(raw) == text


def test_a_name_cannot_pose_as_an_address() -> None:
    posing = "=?utf-8?q?=22ceo=40bank=2Eexample=22_=3Cceo=40bank=2Eexample=3E=2C?= <mallory@example.org>"
    assert addresses([posing]) == [{"name": 'ceo@bank.example" <ceo@bank.example>,', "email": "mallory@example.org"}]
    assert addresses(["ceo@bank.example <mallory@example.org>"])[0]["email"] == "mallory@example.org"
    assert addresses(["sin dirección", "", "<>"]) == []


def test_parameters_of_all_kinds() -> None:
    raw = "text/plain; charset=\"UTF-8\"; name*0*=utf-8''a%C3%B1; name*1=o.txt; format=flowed"
    assert content_type(raw) == ("text/plain", {"charset": "UTF-8", "name": "año.txt", "format": "flowed"})
    assert content_type("attachment; filename=foto uno.jpg")[1] == {"filename": "foto uno.jpg"}


def test_dates_and_ids() -> None:
    assert date("Tue, 3 Mar 2026 10:00:00 -0500") == "2026-03-03T15:00:00+00:00"
    assert date("Tue, 3 Mar 2026 10:00:00") == "2026-03-03T10:00:00+00:00"
    assert [date(value) for value in ("", "hoy", "Tue, 3 Mar 99999 10:00:00 +0000")] == [None] * 3
    assert ids(["<a@b> <c@d>\r\n <a@b>", "bare@x.pe"]) == ["a@b", "c@d", "bare@x.pe"]
    assert len(ids([" ".join(f"<{number}@x>" for number in range(900))])) == 100


def test_the_best_of_alternatives_is_read() -> None:
    made = EmailMessage()
    made["From"], made["Subject"] = "Ana <ana@example.pe>", "hola"
    made.set_content("texto llano")
    made.add_alternative("<p>texto <b>rico</b></p>", subtype="html")
    made.add_attachment(b"%PDF", maintype="application", subtype="pdf", filename="boleta.pdf")
    found = mail(made)
    assert (found["text"], found["visible"]) == ("texto llano", "texto llano")
    assert "<b>rico</b>" in found["html"]
    assert found["attachments"] == [["boleta.pdf", "application/pdf", 4, 4]]


@pytest.mark.parametrize("plain", ["", "  \n", "Su programa no muestra HTML."])
def test_a_useless_plain_version_gives_way_to_the_other(plain: str) -> None:
    made = EmailMessage()
    made["From"] = "ana@example.pe"
    made.set_content(plain)
    made.add_alternative(f"<p>El televisor llegó roto.</p>{'<i></i>' * 40}", subtype="html")
    assert mail(made)["visible"] == "El televisor llegó roto."


def test_text_around_a_picture_stays_in_order() -> None:
    parts = b"--b\r\n\r\nantes\r\n--b\r\nContent-Type: image/png; name=x.png\r\n\r\nX\r\n--b\r\n\r\nluego\r\n--b--"
    found = mail(HEAD + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + parts)
    assert found["text"] == "antes\n\nluego"
    assert [item[0] for item in found["attachments"]] == ["x.png"]


def test_signatures_calendars_mails_and_unnamed_files_are_kept() -> None:
    def part(kind: bytes, body: bytes, more: bytes = b"") -> bytes:
        return b"--b\r\nContent-Type: " + kind + b"\r\n" + more + b"\r\n" + body + b"\r\n"

    raw = (
        HEAD
        + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n"
        + part(b"text/plain", b"hola")
        + part(b"text/calendar", b"BEGIN:VCALENDAR")
        + part(b"application/pkcs7-signature; name=smime.p7s", b"x")
        + part(b"application/pgp-signature", b"y")
        + part(b"message/rfc822", b"Subject: otro\r\n\r\nadentro")
        + part(b"text/plain; name=notas.txt", b"no es lo dicho", b"Content-Disposition: inline; filename=notas.txt\r\n")
        + part(b"text/plain", b"tampoco", b'Content-Disposition: attachment; filename="../../etc/passwd"\r\n')
        + b"--b--"
    )
    found = mail(raw)
    assert found["text"] == "hola"
    names = [item[0] for item in found["attachments"]]
    assert names == ["invite.ics", "smime.p7s", "file", "otro.eml", "notas.txt", "passwd"]


def test_a_forwarded_mail_is_not_what_the_author_says() -> None:
    raw = HEAD + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nmiren\r\n--b\r\n"
    found = mail(raw + b"Content-Type: message/rfc822\r\n\r\nSubject: x\r\n\r\npeor\r\n--b--")
    assert found["visible"] == "miren"


def test_headers_of_one_name_stay_in_their_order() -> None:
    raw = b"Authentication-Results: a; dmarc=pass\r\nAuthentication-Results: b; dmarc=fail\r\n" + HEAD + b"\r\nhola"
    assert mail(raw)["headers"]["authentication-results"] == "a; dmarc=pass\nb; dmarc=fail"


def test_base64_text_in_a_code_page() -> None:
    body = base64.encodebytes("não recebi".encode("cp1252"))
    raw = HEAD + b"Content-Type: text/plain; charset=windows-1252\r\nContent-Transfer-Encoding: base64\r\n\r\n" + body
    assert mail(raw)["visible"] == "não recebi"


def test_the_charset_of_a_page_may_stand_in_the_page() -> None:
    raw = HEAD + b'Content-Type: text/html\r\n\r\n<meta charset="iso-8859-15"><p>cuesta 5 \xa4</p>'
    assert mail(raw)["visible"] == "cuesta 5 €"


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>uno</p><p>dos</p>", "uno\n\ndos"),
        ("uno<br>dos<br><br>tres", "uno\ndos\n\ntres"),
        ("<ul><li>a<li>b</ul><ol><li>c</li><li>d</li></ol>", "- a\n- b\n\n1. c\n2. d"),
        ("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a b\nc"),
        ("<style>p{color:red}</style><script>x</script>hola", "hola"),
        ("<head><title>no</title></head><body>sí</body>", "sí"),
        ('<div style="display:none">oculto</div>visto', "visto"),
        ("<b style='font-size:0px'>oculto</b>visto<b style='font-size:0.9em'> también</b>", "visto también"),
        ("<div hidden>oculto</div>visto", "visto"),
        ('<div style="display:none">solo esto</div>', "solo esto"),
        ("precio &lt; 50 &amp; <3 y 2 < 3", "precio < 50 & <3 y 2 < 3"),
        ("<!-- no --><!--[if mso]>no<![endif]-->sí", "sí"),
        ("<blockquote>ellos</blockquote>yo", "> ellos\n\nyo"),
        ('<blockquote style="border:none">yo, más a la derecha</blockquote>', "yo, más a la derecha"),
        ('<div class="yahoo_quoted">ellos</div>yo', "> ellos\nyo"),
        ("hola<img alt='😀'><img alt='logo de la empresa'>", "hola😀"),
        ("<pre>a\n  b</pre>", "a\n  b"),
        ("un\u200bo&nbsp;dos", "uno dos"),
        ("<p>sin cerrar <b>nada", "sin cerrar nada"),
    ],
)
def test_html_becomes_what_a_person_sees(html: str, text: str) -> None:
    assert text_of_html(html) == text


def test_a_gmail_reply_in_html_is_read_like_one_in_text() -> None:
    page = (
        '<div dir="ltr">Sigo sin recibirlo.<div><br></div><div class="gmail_signature">Ana<br>Compras</div></div><br>'
        '<div class="gmail_quote"><div class="gmail_attr">El lun, 2 mar 2026 a las 10:00, Aurora '
        "&lt;ayuda@aurora.example&gt; escribió:<br></div>"
        '<blockquote class="gmail_quote" style="border-left:1px solid">Lo vemos.</blockquote></div>'
    )
    raw = HEAD + b"Content-Type: text/html; charset=utf-8\r\n\r\n" + page.encode()
    assert mail(raw)["visible"] == "Sigo sin recibirlo."
