"""The options of a mailbox, and what they mean together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from voc.plugin import Option, Options

SECURITY = ("tls", "starttls", "plain")
# Bytes of one mail that are ever fetched whole; the host's reader takes no more apart.
MOST_MEGABYTES = 40
PORTS = {"imap": {"tls": 993, "starttls": 143, "plain": 143}, "smtp": {"tls": 465, "starttls": 587, "plain": 25}}

OPTIONS = Options(
    Option("imap_host", "Server of the mailbox; empty when the mail server brings mail itself (voc mail receive)."),
    Option("imap_port", "Its port; 0: 993 with tls, else 143.", type="number", default=0),
    Option("imap_security", "Encryption towards it.", type="choice", default="tls", choices=SECURITY),
    Option("imap_user", "User name of the mailbox."),
    Option("imap_password", "Its password, or an app password.", secret=True),
    Option("imap_folder", "Folder to read.", default="INBOX"),
    Option("first_days", "The first time: only mail of so many days; 0: all of it.", type="number", default=0),
    Option("page_mails", "Mails fetched at a time.", type="number", default=50),
    Option("largest_megabytes", "Larger mails are not fetched but reported.", type="number", default=30),
    Option("poll_seconds", "Pause between two looks at the mailbox.", type="number", default=60),
    Option("smtp_host", "Server that sends the answers; empty: this channel cannot answer."),
    Option("smtp_port", "Its port; 0: 465 with tls, 587 with starttls, else 25.", type="number", default=0),
    Option("smtp_security", "Encryption towards it.", type="choice", default="starttls", choices=SECURITY),
    Option("smtp_user", "User name for sending; empty: no sign-in."),
    Option("smtp_password", "Password for sending.", secret=True),
    Option("from_address", "Address that answers come from, such as ayuda@aurora.pe."),
    Option("from_name", "Name shown beside it."),
    Option("own_addresses", "Other addresses of the company; mail from them is nobody's feedback.", type="list"),
    Option(
        "own_lists",
        "List-Ids of groups that customers write to, such as ayuda.aurora.pe; mail of other lists is no feedback.",
        type="list",
    ),
    Option(
        "trust_authentication_results",
        "Name by which your own mail server signs its Authentication-Results; empty: no sender is taken for proved.",
    ),
)


def number(options: Mapping[str, Any], name: str, low: int, high: int, otherwise: int) -> int:
    """A whole number within its bounds."""
    value = options.get(name)
    return min(max(value, low), high) if isinstance(value, int) and not isinstance(value, bool) else otherwise


def text(options: Mapping[str, Any], name: str) -> str:
    """A text without surrounding space; empty when there is none."""
    value = options.get(name)
    return value.strip() if isinstance(value, str) else ""


def words(options: Mapping[str, Any], name: str) -> frozenset[str]:
    """A list of words in small letters."""
    value = options.get(name)
    return (
        frozenset(str(item).strip().lower() for item in value or ())
        if isinstance(value, (list, tuple))
        else frozenset()
    )


def security(options: Mapping[str, Any], which: str) -> str:
    """tls, starttls or plain, for `imap` or `smtp`."""
    value = text(options, f"{which}_security")
    return value if value in SECURITY else "tls"


def port(options: Mapping[str, Any], which: str) -> int:
    """The port of the IMAP or SMTP server."""
    return number(options, f"{which}_port", 0, 65535, 0) or PORTS[which][security(options, which)]


def largest(options: Mapping[str, Any]) -> int:
    """Bytes of the largest mail that is fetched whole."""
    return number(options, "largest_megabytes", 1, MOST_MEGABYTES, 30) * 1_000_000


def own_addresses(options: Mapping[str, Any]) -> frozenset[str]:
    """The company's addresses in small letters: mail from them is nobody's feedback."""
    known = {text(options, "from_address").lower(), *words(options, "own_addresses")}
    user = text(options, "imap_user").lower()
    return frozenset(address for address in (*known, user if "@" in user else "") if address)
