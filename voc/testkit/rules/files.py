"""Attachments: all there, with name and size, and bounded."""

from __future__ import annotations

from voc.plugin import Attachment
from voc.testkit.rule import NotTested, broken, rule, shown
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
    """Three files, one of them empty and one with a name that is not ASCII; in one message where it holds so many."""
    body = bytes(range(256)) * 40
    files = (file(1, body), file(2, b""), Attachment("señal ñ.png", "image/png", 3, b"png"))
    most = max(1, subject.fixtures.most_files or len(files))
    for first in range(0, len(files), most):
        together = files[first : first + most]
        _demand(subject.inbound(Said(id=f"m-{first + 1}", attachments=together)).attachments, together)


def _demand(found: tuple[Attachment, ...], files: tuple[Attachment, ...]) -> None:
    """Each of these is there, with its name, its size and its bytes."""
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
    most = subject.fixtures.most_files
    if most is not None and most <= MOST:
        raise NotTested(f"a message of this vendor holds no more files than {most}, and the host takes {MOST}")
    item = subject.inbound(Said(text="Malo", attachments=tuple(file(number) for number in range(MANY))))
    if len(item.attachments) > MOST:
        broken(f"{len(item.attachments)} attachments were handed on, and the host takes {MOST}: all would be lost")
    if "Malo" not in (item.text or ""):
        broken(f"with {MANY} files the words became {shown(item.text)}")
