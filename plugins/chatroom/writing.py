"""What is written into the room. Customers' words are quoted: they call nobody and hide no address. Pure."""

from __future__ import annotations

from voc.plugin import Deed, FeedbackFacts, Notice

LONGEST = 3000
LONGEST_QUOTE = 1500
# Between two signs that would mean something together; nobody sees it.
APART = "\u200b"


def notice_text(notice: Notice, mark: str) -> str:
    """A notice of the house; an urgent one after `mark`, which may call people."""
    head = f"{mark} *{plain(notice.subject)}*".strip() if notice.urgent else f"*{plain(notice.subject)}*"
    return _whole(head, plain(notice.text), notice.link)


def deed_text(deed: Deed) -> str:
    """What a rule has written: its author's note, what it is about, the customer's words."""
    said = deed.feedback
    note = str(deed.values.get("note") or "").strip() or plain(deed.rule)
    about = " · ".join([*([f"C-{deed.case.number}"] if deed.case else []), *_facts(said)])
    quote = quoted(said.text) if said.text and deed.values.get("quote", True) else ""
    link = deed.case.link if deed.case else said.link
    return _whole(f"*{note}*", "\n".join(part for part in (plain(about), quote) if part), link)


def _facts(said: FeedbackFacts) -> list[str]:
    """In signs that need no language: the score with its scale, where it came from, topics, dangers."""
    score = [f"{said.metric.upper()} {said.score}"] if said.metric and said.score is not None else []
    return [*score, said.channel, *said.topics[:5], *said.flags[:5]]


def quoted(text: str) -> str:
    """A customer's words as a quotation."""
    short = text if len(text) <= LONGEST_QUOTE else text[: LONGEST_QUOTE - 1] + "…"
    return "\n".join(f"> {line}" for line in plain(short).splitlines())


def plain(text: str) -> str:
    """`text` in which nothing calls anybody (@channel, <!here>) and no words hide an address ([bank](…))."""
    for sign in ("@", "<", "]"):
        text = text.replace(sign, sign + APART)
    return text


def _whole(head: str, body: str, link: str) -> str:
    """Everything, with the link in any case."""
    room = LONGEST - len(link) - 2
    text = f"{head}\n{body}".strip()
    text = text if len(text) <= room else text[: room - 1] + "…"
    return text if link in text else f"{text}\n{link}"
