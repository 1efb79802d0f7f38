"""Bytes to text whatever they claim to be: charset names lie, are missing, or name things that are no text."""

from __future__ import annotations

import codecs
import re

# What people's programs say when they mean the Windows code page that contains it.
_MEANS = {
    "ascii": "cp1252",
    "us-ascii": "cp1252",
    "ansi_x3.4-1968": "cp1252",
    "iso-8859-1": "cp1252",
    "iso8859-1": "cp1252",
    "latin-1": "cp1252",
    "latin1": "cp1252",
    "windows-1252": "cp1252",
    "iso-8859-9": "cp1254",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "ks_c_5601-1987": "cp949",
    "euc-kr": "cp949",
    "shift_jis": "cp932",
    "x-sjis": "cp932",
    "unicode-1-1-utf-7": "utf-7",
    "utf8mb4": "utf-8",
    "x-unknown": "utf-8",
    "unknown-8bit": "utf-8",
    "default": "utf-8",
}
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:+-]{0,39}")
# One byte a letter: every text decodes, so a good UTF-8 text in it is no accident.
_SINGLE_BYTE = re.compile(r"cp125\d|iso-?8859-?\d+|cp8\d\d|koi8.*|mac.*")
# Codecs of Python that no mail is written in.
_NO_CHARSETS = frozenset({"idna", "punycode", "undefined", "unicode-escape", "raw-unicode-escape", "palmos"})
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


def decoded(data: bytes, declared: str | None) -> str:
    """`data` as text: as declared where that can be, else as UTF-8, else as Windows writes Western Europe."""
    if data.isascii() and not (declared and declared.lower().startswith(("utf-7", "utf7", "utf-16", "iso-2022", "hz"))):
        return data.decode("ascii")
    for mark, name in _MARKS:
        if data.startswith(mark):
            return data.decode(name, "replace")
    wanted = codec_name(declared)
    first = ("utf-8", wanted) if wanted is None or _SINGLE_BYTE.fullmatch(wanted) else (wanted, "utf-8")
    for name in filter(None, first):
        try:
            return data.decode(name)
        except (UnicodeError, ValueError, LookupError):
            continue
    # A few bad bytes in a text that is otherwise UTF-8 cost only themselves.
    if _mostly_utf8(data):
        return data.decode("utf-8", "replace")
    try:
        return data.decode("cp1252")
    except UnicodeError:
        return data.decode("latin-1")


def codec_name(declared: str | None) -> str | None:
    """The text codec that a charset name means, None when it means none that we know."""
    if not declared:
        return None
    name: str = declared.strip().strip("\"'").lower().split("*")[0]
    if not _NAME.fullmatch(name):
        return None
    try:
        info = codecs.lookup(_MEANS.get(name, name))
    except (LookupError, ValueError, UnicodeError):
        return None
    # "base64", "rot13", "zlib" are codecs as well; idna and punycode are text and quadratic.
    if not getattr(info, "_is_text_encoding", True) or info.name in _NO_CHARSETS:
        return None
    return info.name


def _mostly_utf8(data: bytes) -> bool:
    """Whether at most one in ten of the letters outside ASCII is broken, judged by the beginning."""
    shown = data[:20_000].decode("utf-8", "replace")
    outside = sum(1 for char in shown if char > "\x7f")
    return shown.count("\ufffd") * 10 <= outside


def unflowed(text: str, *, delete_space: bool) -> str:
    """A text of `format=flowed` (RFC 3676) with its paragraphs joined; `delete_space` as its DelSp says."""
    joined: list[str] = []
    open_depth = -1  # quote depth of a paragraph that goes on in the next line
    for line in text.split("\n"):
        depth = len(line) - len(line.lstrip(">"))
        body = line[depth:]
        if body.startswith(" "):
            body = body[1:]
        flows = body.endswith(" ") and body != "-- "
        if flows and delete_space:
            body = body[:-1]
        if joined and depth == open_depth and body != "-- ":
            joined[-1] += body
        else:
            joined.append(f"{'>' * depth} {body}" if depth else body)
        open_depth = depth if flows else -1
    return "\n".join(joined)
