"""Whether the company's own mail server vouches for the sender (Authentication-Results, RFC 8601).

Anybody can write such a header into a mail. It is believed only with the name that the operator gave, and only the
topmost one: servers add theirs above whatever came with the mail, and a good one removes others that bear its name.
"""

from __future__ import annotations

import re

from voc.plugin import Mail

_COMMENT = re.compile(r"\([^()]{0,500}\)")
_RESULT = re.compile(r"^\s*(dmarc|dkim|spf)\s*=\s*(\w+)\b(.*)$", re.IGNORECASE | re.DOTALL)
_PROPERTY = re.compile(r"\b(header\.from|header\.d|header\.i|smtp\.mailfrom)\s*=\s*\"?([^\s;\"]{1,300})", re.IGNORECASE)


def verified(mail: Mail, server: str) -> bool:
    """Whether `server` says that the sender's domain stands behind this mail: DMARC, or DKIM or SPF in its name."""
    if not server or mail.sender is None or mail.headers.get("from", "").count("\n"):
        return False
    domain = _domain(mail.sender.email)
    line = next((text for text in mail.headers.get("authentication-results", "").split("\n") if _by(text, server)), "")
    for part in _COMMENT.sub(" ", line[:4000]).split(";")[1:]:
        found = _RESULT.match(part)
        if found is None or found[2].lower() != "pass":
            continue
        properties = {name.lower(): _domain(value) for name, value in _PROPERTY.findall(found[3])}
        if found[1].lower() == "dmarc":
            # Without header.from the result is about the From of this very mail.
            if properties.get("header.from", domain) == domain:
                return True
        elif any(_aligned(domain, signer) for signer in properties.values()):
            return True
    return False


def _by(line: str, server: str) -> bool:
    """Whether this header was written by `server`."""
    name = _COMMENT.sub(" ", line[:1000]).split(";")[0].split()
    return bool(name) and name[0].lower() == server.lower()


def _domain(address: str) -> str:
    return address.rpartition("@")[2].strip().strip(".>").lower()


def _aligned(sender: str, signer: str) -> bool:
    """Whether one is the other, or a part of it; a signer of one word, such as `com`, stands for nobody."""
    if not sender or "." not in signer:
        return False
    return sender == signer or sender.endswith(f".{signer}") or signer.endswith(f".{sender}")
