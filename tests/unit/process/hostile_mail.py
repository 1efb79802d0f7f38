"""Mails that want to hurt whoever reads them; made here, small in words and large in effect.

`READABLE` ones must be read; of the others only an end in time and memory is asked. Each is made when it is called.
"""

from __future__ import annotations

import base64
import random
from collections.abc import Callable

HEAD = (
    b"From: Ana <ana@example.pe>\r\nTo: ayuda@aurora.example\r\nSubject: hola\r\n"
    b"Date: Tue, 3 Mar 2026 10:00:00 -0500\r\nMessage-ID: <1@example.pe>\r\n"
)
MIXED = HEAD + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n"
HTML = HEAD + b"Content-Type: text/html; charset=utf-8\r\n\r\n"


# Ugly, and yet mails whose words a person could see.
READABLE: dict[str, Callable[[], bytes]] = {
    "encoded words by the thousand": lambda: HEAD[:-2] + b"\r\nX: " + b"=?utf-8?q?a?= " * 50_000 + b"\r\n\r\nhola",
    "comments in comments": lambda: b"From: " + b"(" * 200_000 + b"\r\nSubject: x\r\n\r\nhola",
    "addresses by the thousand": lambda: b"From: " + b"a@b.pe, " * 50_000 + b"\r\n\r\nhola",
    "ids by the thousand": lambda: HEAD + b"References: " + b"<a@b.pe>" * 50_000 + b"\r\n\r\nhola",
    "headers by the thousand": lambda: (
        HEAD + b"".join(b"X-%d: a\r\n" % number for number in range(20_000)) + b"\r\nhola"
    ),
    "parameters by the thousand": lambda: HEAD + b"Content-Type: text/plain" + b"; a=b" * 50_000 + b"\r\n\r\nhola",
    "a boundary of a hundred kB": lambda: (
        HEAD + b"Content-Type: multipart/x; boundary=" + b"x" * 100_000 + b"\r\n\r\nhola"
    ),
    "parts by the thousand": lambda: MIXED + b"--b\r\n\r\nhola\r\n" * 10_000 + b"--b--",
    "no boundary": lambda: HEAD + b"Content-Type: multipart/mixed\r\n\r\nhola",
    "a part that never ends": lambda: MIXED + b"--b\r\n\r\nhola",
    "utf-16 that is none": lambda: HEAD + b"Content-Type: text/plain; charset=utf-16\r\n\r\n" + b"hola\xe1",
    "nul among words": lambda: HEAD + b"\r\nho\x00la\x00",
    "bare line ends": lambda: HEAD.replace(b"\r\n", b"\r") + b"\rhola",
    "unix line ends": lambda: HEAD.replace(b"\r\n", b"\n") + b"\nhola",
    "an envelope line first": lambda: b"From ana@example.pe Tue Mar  3 10:00:00 2026\n" + HEAD + b"\r\nhola",
    "raw bytes in headers": lambda: b"From: Jos\xe9 <jose@example.pe>\r\nSubject: se\xf1or\r\n\r\nhola",
    "dates from elsewhere": lambda: HEAD.replace(b"Tue, 3 Mar 2026", b"Tue, 99 Foo 99999") + b"\r\nhola",
    "a base64 body that is none": lambda: HEAD + b"Content-Transfer-Encoding: base64\r\n\r\n" + b"aG9s*YQ",
    "an encoding nobody knows": lambda: HEAD + b"Content-Transfer-Encoding: x-magic\r\n\r\nhola",
    "forty parts inside one another": lambda: nested(40) + b"\r\nhola",
    "tags that never end": lambda: HTML + b"hola " + b"<a " * 200_000,
    "comments that never end": lambda: HTML + b"hola " + b"<!--" * 200_000,
    "elements inside one another": lambda: HTML + b"hola " + b"<div>" * 100_000,
    "an entity of a megabyte": lambda: HTML + b"hola &#" + b"1" * 500_000 + b";",
    "styles of a megabyte": lambda: HTML + b"hola <div style='" + b"display " * 60_000 + b"'>",
    "long lines that look like quotes": lambda: (
        HEAD + b"\r\nhola\r\n" + (b"2026/01/01 " + b" <" * 9000 + b"@" * 9000 + b">:\r\n")
    ),
    "a line of four megabytes": lambda: HEAD + b"\r\nhola " + b"x" * 4_000_000,
}
CHARSETS = ("base64", "rot13", "zlib", "idna", "hex", "punycode", "undefined", "unicode_escape", "nope", "\xff")

# What nobody can read, or only at a price that nobody pays.
UNREADABLE: dict[str, Callable[[], bytes]] = {
    "nothing": lambda: b"",
    "line ends": lambda: b"\r\n" * 10_000,
    "noise": lambda: random.Random(4).randbytes(100_000),
    "zeros": lambda: b"\0" * 100_000,
    "words without headers": lambda: b"hola, quiero reclamar\nno me contestan\n",
    "a header of five megabytes": lambda: HEAD + b"X: " + b"a" * 5_000_000 + b"\r\n\r\nhola",
    "a thousand parts inside one another": lambda: nested(1000) + b"\r\nhola",
    "mails inside one another": lambda: HEAD + b"Content-Type: message/rfc822\r\n\r\n" * 2000 + b"\r\nhola",
    "more bytes than are taken": lambda: HEAD + b"\r\n" + b"x" * (41 << 20),
}


def nested(depth: int) -> bytes:
    """The beginning of so many parts, each inside the one before."""
    return HEAD + b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(depth)
    )


def mixed(*files: tuple[str, str, bytes]) -> bytes:
    """A mail with the words "hola" and these (name, type, bytes) attached."""
    parts = [b"--b\r\nContent-Type: text/plain\r\n\r\nhola\r\n"]
    for name, kind, data in files:
        head = f'--b\r\nContent-Type: {kind}\r\nContent-Disposition: attachment; filename="{name}"\r\n'
        parts.append(head.encode() + b"Content-Transfer-Encoding: base64\r\n\r\n" + base64.encodebytes(data))
    return MIXED + b"".join(parts) + b"--b--\r\n"


def in_charset(name: str) -> bytes:
    """A mail in UTF-8 that names another charset."""
    return HEAD + b"Content-Type: text/plain; charset=" + name.encode("latin-1") + b"\r\n\r\n" + "hola, señor".encode()
