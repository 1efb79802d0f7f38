"""The customer's words: whole, in every script, and nothing that a database cannot keep."""

from __future__ import annotations

from voc.core.text import is_storable
from voc.plugin import Author, Edited, Ignored, Inbound, Raw, Robot
from voc.testkit.rule import broken, rule, shown
from voc.testkit.said import NOW, Said
from voc.testkit.subject import HONEST, Subject, tried

SCRIPTS = {
    "Spanish": "¿Por qué llegó mañana? ¡Ñandú, pingüino y años después!",
    "Portuguese": "Não há informação: coração, avô, lições e à toa.",
    "English": "It's \"fine\", they said – it isn't.",
    "emoji": "Mal 😡👎🏽 👩‍👩‍👧 🇵🇪 0️⃣",
    "right to left": "الخدمة سيئة جدا ولا أحد يرد",
    "Chinese": "服务很差，没有人回答。",
    "an Excel formula": "=2+3 es lo que me cobraron de más",
    "markup": "Compré 2 < 3 & me cobraron <b>tres</b>",
}
LONG = 5_000


def words(subject: Subject, text: str) -> str:
    """The text that was read when a customer wrote `text`."""
    return subject.inbound(Said(text=text)).text or ""


@rule(
    "lossless",
    "bronze",
    "A long message is read whole.",
    mend="Do not cut the text: the host bounds what is shown, and the last line is often the one that counts.",
    features=("text",),
)
def lossless(subject: Subject) -> None:
    """Every numbered word of five thousand characters is there, in order."""
    count = LONG // 12
    parts = [f"palabra{number:04d}" for number in range(count)]
    found = words(subject, " ".join(parts))
    missing = [part for part in parts if part not in found]
    if missing:
        broken(f"of a message of {LONG:,} characters {len(missing)} of {count} words are gone, {missing[0]} first")


@rule(
    "languages",
    "bronze",
    "Words arrive as they were written: es, pt, en, emoji, right to left.",
    mend="Decode as UTF-8 once, and do not strip what is not ASCII.",
    features=("text",),
)
def languages(subject: Subject) -> None:
    """Every sample comes out as it went in."""
    for name, text in SCRIPTS.items():
        found = words(subject, text)
        if text not in found:
            broken(f"{name} text was read as {shown(found)} instead of {shown(text)}")


@rule(
    "lines",
    "silver",
    "Lines stay lines.",
    mend="Keep line breaks (\\n): paragraphs and lists are part of what was said.",
    features=("text",),
)
def lines(subject: Subject) -> None:
    """Two lines are two lines."""
    found = words(subject, "Primero: tarde.\nSegundo: frío.")
    if found.replace("\r\n", "\n").split("\n")[0].strip() != "Primero: tarde." or "Segundo: frío." not in found:
        broken(f"two lines were read as {shown(found)}")


@rule(
    "unstorable",
    "silver",
    "A NUL in a message does not make it unreadable, nor does it reach an id.",
    mend="Take characters out of ids and names that a database cannot keep (NUL, lone surrogates); the text is cleaned "
    "by the host.",
    features=("text",),
)
def unstorable(subject: Subject) -> None:
    """NUL in words and name: the words around it are kept, ids are clean."""
    said = Said(id="m-\x001", text="antes\x00después", author=Author(name="A\x00na"))
    result = tried(lambda: subject.read(subject.raw(said)))
    if result.error is not None:
        if isinstance(result.error, ValueError):
            return
        broken(f"a NUL in a message {result.kind}")
    for item in result.value:
        if isinstance(item, Inbound):
            if "antes" not in (item.text or "") or "después" not in (item.text or ""):
                broken(f"the words around a NUL are gone: {shown(item.text)}")
            names = [item.external_id, *item.names, item.author.name if item.author and item.author.name else ""]
            for name in names:
                if not is_storable(name):
                    broken(f"{shown(name)} cannot be stored")


GARBAGE = (
    b"",
    b"\x00\x01\x02\xff\xfe",
    b"[" * 50_000,
    b"null",
    b"[]",
    b"{}",
    b'{"id": 7}',
    b'"words"',
    b"12",
    b'{"id": null, "text": {"a": [1]}, "values": [], "score": "x"}',
    "ñ".encode("latin-1") * 10,
)


@rule(
    "unreadable",
    "bronze",
    "What cannot be read is refused in words, never with nothing and never by a crash.",
    mend="Check what you find before you use it, and raise ValueError with a sentence for the operator.",
)
def unreadable(subject: Subject) -> None:
    """Garbage gives ValueError with a sentence, or an Ignored or Robot with a reason."""
    content_type = subject.raw(Said()).content_type
    for body in GARBAGE:
        result = tried(subject.read, Raw(body, content_type, NOW, {}, "d-1"))
        if isinstance(result.error, HONEST):
            broken(f"read of {shown(body, 40)} {result.kind}; only accept, fetch and send may raise that")
        if result.error is not None:
            if not isinstance(result.error, ValueError) or not str(result.error).strip():
                broken(f"read of {shown(body, 40)} {result.kind}")
            continue
        if not result.value:
            broken(f"read of {shown(body, 40)} gave nothing at all")
        for item in result.value:
            if isinstance(item, (Ignored, Robot)) and not item.reason.strip():
                broken(f"read of {shown(body, 40)} gave {type(item).__name__} without a reason")
            if isinstance(item, (Inbound, Edited)) and not item.external_id:
                broken(f"read of {shown(body, 40)} gave an item without an id")
