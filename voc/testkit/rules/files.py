"""Attachments: all there, with name and size, and bounded."""

from __future__ import annotations

from voc.plugin import Attachment
from voc.testkit.rule import broken, rule, shown
from voc.testkit.said import Said
from voc.testkit.subject import Subject

MOST = 100
MANY = 130


def file(number: int, body: bytes = b"%PDF-1.4 x") -> Attachment:
    """A small file."""
    return Attachment(f"foto-{number}.pdf", "application/pdf", len(body), body)


@rule(
    "attachments",
    "silver",
    "Every file that came along is named, with its size.",
    mend="Put each file into Inbound.attachments; a body that is too large may be empty, its name and size may not.",
    features=("attachments",),
)
def attachments(subject: Subject) -> None:
    """Three files, one of them empty and one with a name that is not ASCII."""
    body = bytes(range(256)) * 40
    files = (file(1, body), file(2, b""), Attachment("señal ñ.png", "image/png", 3, b"png"))
    found = subject.inbound(Said(attachments=files)).attachments
    for wanted in files:
        same = [item for item in found if item.name == wanted.name]
        if not same:
            broken(f"the file {wanted.name!r} is not among {shown([item.name for item in found])}")
        if same[0].size != wanted.size or (same[0].body and same[0].body != wanted.body):
            broken(f"the file {wanted.name!r} has {same[0].size} bytes instead of {wanted.size}, or other ones")


@rule(
    "attachments-limit",
    "gold",
    "Very many files lose no words.",
    mend=f"Hand on at most {MOST} attachments; the rest stays in the raw thing.",
    features=("attachments", "text"),
)
def limit(subject: Subject) -> None:
    """More files than the host takes."""
    item = subject.inbound(Said(text="Malo", attachments=tuple(file(number) for number in range(MANY))))
    if len(item.attachments) > MOST:
        broken(f"{len(item.attachments)} attachments were handed on, and the host takes {MOST}: all would be lost")
    if "Malo" not in (item.text or ""):
        broken(f"with {MANY} files the words became {shown(item.text)}")
