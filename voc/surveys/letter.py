"""An invitation as a mail: plain text and simple HTML with one link for each score. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from html import escape
from zoneinfo import ZoneInfo

from voc.core.text import one_line
from voc.surveys.question import Survey
from voc.surveys.texts import UNSUBSCRIBE_LINK, WORDS

LONGEST_ABOUT = 200
_LOCALES = {"es": "es", "pt": "pt_BR", "en": "en"}

# Mail programs know no style sheets of ours: these few styles stand at the elements themselves.
_FONT = "font-family:-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif"
_BODY = f"{_FONT};font-size:16px;line-height:1.5;color:#27201b;margin:0;padding:16px;max-width:36em"
_SCORE = (
    f"{_FONT};display:inline-block;min-width:24px;padding:11px 9px;margin:0 4px 8px 0;border:1px solid #8a7d72;"
    "border-radius:8px;text-align:center;text-decoration:none;font-size:17px;font-weight:600;color:#27201b"
)
_SMALL = "font-size:13px;color:#6b5f55"


@dataclass(frozen=True, slots=True)
class Letter:
    """What the mail is made of. `link` and `unsubscribe` are whole addresses, `zone` is the house's."""

    survey: Survey
    language: str
    company: str
    name: str | None
    about: str | None
    link: str
    unsubscribe: str
    expires_at: datetime
    zone: str
    reminder: bool


def subject(letter: Letter) -> str:
    """The subject, one line."""
    words = WORDS[letter.language]
    return one_line((words.reminder if letter.reminder else words.subject).format(company=letter.company))


def text(letter: Letter) -> str:
    """The plain text: the question, one address a score, how to be left alone."""
    said = _said(letter)
    scores = "\n".join(f"{_label(letter, step)}: {address}" for step, address in _scores(letter))
    parts = [said["hello"], said["ask"], said["about"], said["question"], scores, said["how"], said["until"]]
    return "\n\n".join([*(part for part in parts if part), f"-- \n{said['unsubscribe']} {letter.unsubscribe}"])


def html(letter: Letter) -> str:
    """The same as HTML; nothing in it but text and links, no picture, nothing that tells that it was opened."""
    said = {name: escape(value) for name, value in _said(letter).items()}
    scale = letter.survey.scale
    buttons = "".join(f'<a href="{escape(address)}" style="{_SCORE}">{step}</a>\n' for step, address in _scores(letter))
    about = f'<p style="{_SMALL}">{said["about"]}</p>\n' if said["about"] else ""
    return (
        f'<!doctype html>\n<html lang="{letter.language}">\n<head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><title>{escape(subject(letter))}</title>'
        f'</head>\n<body style="{_BODY}">\n<p>{said["hello"]}</p>\n<p>{said["ask"]}</p>\n{about}'
        f'<p style="font-size:19px;font-weight:600">{said["question"]}</p>\n<p style="margin:0">{buttons}</p>\n'
        f'<p style="{_SMALL};margin-top:0">{escape(_label(letter, scale.low))}<br>'
        f"{escape(_label(letter, scale.high))}</p>\n<p>{said['how']}</p>\n"
        f'<p style="{_SMALL}">{said["until"]}</p>\n<p style="{_SMALL}">{said["unsubscribe"]} '
        f'<a href="{escape(letter.unsubscribe)}" style="color:inherit">{escape(UNSUBSCRIBE_LINK[letter.language])}</a>'
        "</p>\n</body>\n</html>"
    )


def _said(letter: Letter) -> dict[str, str]:
    words, name = WORDS[letter.language], one_line(letter.name or "")
    about = one_line(letter.about or "")[:LONGEST_ABOUT]
    return {
        "hello": words.hello.format(name=name) if name else words.hello_nobody,
        "ask": words.remind if letter.reminder else words.ask,
        "about": words.about.format(about=about) if about else "",
        "question": in_language(letter.survey.field.label, letter.language),
        "how": words.how,
        "until": words.until.format(day=_day(letter)),
        "unsubscribe": words.unsubscribe.format(company=letter.company),
    }


def _scores(letter: Letter) -> list[tuple[int, str]]:
    scale = letter.survey.scale
    return [(step, f"{letter.link}?score={step}") for step in range(scale.low, scale.high + 1)]


def _label(letter: Letter, step: int) -> str:
    """A score with the words at the ends of its scale: `0 (not at all)`."""
    scale = letter.survey.scale
    ends = {scale.low: scale.low_text, scale.high: scale.high_text}
    return f"{step} ({in_language(ends[step], letter.language)})" if step in ends else str(step)


def _day(letter: Letter) -> str:
    from babel.dates import format_date

    return str(format_date(letter.expires_at.astimezone(ZoneInfo(letter.zone)), "long", _LOCALES[letter.language]))


def in_language(texts: Mapping[str, str], language: str) -> str:
    """The words in `language`, else in the first language there is."""
    return texts.get(language) or next(iter(texts.values()), "")
