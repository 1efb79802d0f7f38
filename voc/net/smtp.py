"""Handing one mail to the mail server. Nothing is logged here, and no reason given names an address."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import EmailMessage
from enum import StrEnum
from typing import TYPE_CHECKING

from voc.core.errors import Permanent, Temporary
from voc.core.settings import Settings
from voc.core.text import one_line, shorten

if TYPE_CHECKING:
    from voc.net.smtp_client import Client, Watchdog

# Shorter than the lease of a row of work, so that nobody else starts to send the same mail meanwhile.
WHOLE = 75.0

_LOCAL = re.compile(r'[^\s<>()\[\]\\,;:@"\x00-\x1f\x7f]+')
_DOMAIN = re.compile(r"[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*", re.IGNORECASE)
_ANY_ADDRESS = re.compile(r"[^\s<>\"'(),;:]+@[^\s<>\"'(),;:]+")
_TOO_LARGE = 552
# Answers that speak of our sign-in or its encryption, at whichever step they come: the operator mends those.
_OURS = frozenset({530, 534, 535, 538})


class Reason(StrEnum):
    """Why a mail did not go; each is a text for people, followed by `: detail` where the server said more."""

    RECIPIENT_REFUSED = "the mail server refused the recipient"
    RECIPIENT_LATER = "the mail server does not take mail for the recipient just now"
    MAIL_REFUSED = "the mail server refused the mail"
    MAIL_LATER = "the mail server does not take the mail just now"
    SENDER_REFUSED = "the mail server refused the sender; check VOC_MAIL_FROM"
    SIGN_IN_REFUSED = "the mail server refused the sign-in; check VOC_SMTP_USER and VOC_SMTP_PASSWORD"
    NOT_OFFERED = "the mail server does not offer what the settings ask for; check VOC_SMTP_SECURITY and VOC_SMTP_USER"
    NOT_TRUSTED = "no trusted connection to the mail server could be made"
    UNREACHABLE = "the mail server cannot be reached"
    TURNED_AWAY = "the mail server turned us away"
    TOO_SLOW = "the mail server did not answer in time"
    CUT = "the mail server cut the connection"
    STRANGE = "the mail server gave an answer that nobody understands"
    NO_ADDRESS = "this is no mail address"
    NO_ACCENTS = "the mail server takes no addresses with letters outside ASCII"


class Unreachable(Temporary):
    """The mail server itself is the trouble, not this mail: the next mail would meet the same."""


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """The mail server of the settings. `security`: none, starttls or tls; an empty `user` does not sign in.

    `timeout` bounds each step (connect, one command, one answer), `whole` all of them together; both in seconds.
    """

    host: str
    port: int
    security: str = "none"
    user: str = field(default="", repr=False)
    password: str = field(default="", repr=False)
    timeout: float = 20.0
    whole: float = WHOLE

    @classmethod
    def of(cls, settings: Settings) -> SmtpServer:
        """The one the settings name."""
        return cls(
            host=settings.smtp_host,
            port=settings.smtp_port,
            security=settings.smtp_security,
            user=settings.smtp_user,
            password=settings.smtp_password,
            timeout=settings.smtp_timeout,
        )

    def send(self, message: EmailMessage | bytes, *, sender: str, recipient: str) -> None:
        """Hand `message` over; when this returns, the server has taken it (250).

        Raises Permanent when trying again is useless, Temporary when it may help, Unreachable (a Temporary) when
        the server is the trouble. After a cut or a timeout the server may have taken the mail nevertheless.
        """
        from voc.net.smtp_client import Watchdog

        sender, recipient = mailbox(sender), mailbox(recipient)
        unicode_needed = not (sender + recipient).isascii()
        data = _wire(message, unicode_needed)
        watchdog = Watchdog(self.whole)
        try:
            with _translated(watchdog):
                client = self._open(watchdog)
                try:
                    _sign_in(client, self.user, self.password)
                    _hand_over(client, sender, recipient, data, unicode_needed)
                finally:
                    client.leave()
        finally:
            watchdog.close()

    def _open(self, watchdog: Watchdog) -> Client:
        """A connection that has greeted and, where asked for, encrypted."""
        import ssl

        from voc.net.smtp_client import Client

        context = None if self.security == "none" else ssl.create_default_context()
        client = Client(
            self.host,
            self.port,
            timeout=min(self.timeout, self.whole),
            context=context if self.security == "tls" else None,
            watch=watchdog.watch,
        )
        try:
            client.ehlo_or_helo_if_needed()
            if self.security == "starttls":
                client.starttls(context=context)
                client.ehlo_or_helo_if_needed()
        except BaseException:
            client.close()
            raise
        return client


def mailbox(address: str) -> str:
    """`address` with its domain in ASCII (IDNA), fit for the envelope; raises Permanent when it is no address."""
    local, _, domain = address.strip().rpartition("@")
    try:
        plain = domain.encode("idna").decode("ascii") if len(address) <= 320 else ""
    except UnicodeError:
        plain = ""
    if not _LOCAL.fullmatch(local) or not _DOMAIN.fullmatch(plain):
        raise Permanent(Reason.NO_ADDRESS)
    try:
        local.encode("utf-8")
    except UnicodeEncodeError:
        raise Permanent(Reason.NO_ADDRESS) from None
    return f"{local}@{plain}"


def _wire(message: EmailMessage | bytes, unicode_needed: bool) -> bytes:
    """The bytes to send, every line ended by CRLF: a bare CR or LF could pass for the end of the mail elsewhere."""
    from email import policy

    if isinstance(message, EmailMessage):
        message = message.as_bytes(policy=policy.SMTPUTF8 if unicode_needed else policy.SMTP)
    return re.sub(rb"\r\n|\r|\n", b"\r\n", message)


def _sign_in(client: Client, user: str, password: str) -> None:
    if not user:
        return
    try:
        client.login(user, password)
    except UnicodeError:
        raise Unreachable(f"{Reason.SIGN_IN_REFUSED}: only ASCII letters can be sent") from None


def _hand_over(client: Client, sender: str, recipient: str, data: bytes, unicode_needed: bool) -> None:
    """MAIL, RCPT, DATA; whatever the server refuses becomes Permanent or Temporary."""
    from smtplib import SMTPDataError

    options = [f"size={len(data)}"] if client.has_extn("size") else []
    if unicode_needed:
        if not client.has_extn("smtputf8"):
            raise Permanent(Reason.NO_ACCENTS)
        options += ["SMTPUTF8", "BODY=8BITMIME"]
    code, reply = client.mail(sender, options)
    if code // 100 == 5 and code != _TOO_LARGE and code not in _OURS:
        # Whom we may send as is a matter of the set-up, so a person can mend it while this mail waits.
        raise Temporary(_reason(Reason.SENDER_REFUSED, code, reply))
    _demand((code, reply), Reason.MAIL_REFUSED, Reason.MAIL_LATER)
    _demand(client.rcpt(recipient), Reason.RECIPIENT_REFUSED, Reason.RECIPIENT_LATER)
    try:
        answer = client.data(data)
    except SMTPDataError as error:
        answer = (error.smtp_code, _bytes(error.smtp_error))
    _demand(answer, Reason.MAIL_REFUSED, Reason.MAIL_LATER)


def _demand(answer: tuple[int, bytes], refused: Reason, later: Reason) -> None:
    code, reply = answer
    if code // 100 == 2:
        return
    if code in _OURS:
        raise Temporary(_reason(Reason.SIGN_IN_REFUSED, code, reply))
    if code // 100 == 5:
        raise Permanent(_reason(refused, code, reply))
    raise Temporary(_reason(later if code // 100 == 4 else Reason.STRANGE, code, reply))


def _reason(reason: Reason, code: int, reply: bytes | str) -> str:
    """The reason with the server's own words: one line, bounded, addresses masked."""
    said = one_line(_bytes(reply).decode("utf-8", "replace"))
    number = f"{code} " if code > 0 else ""
    return f"{reason}: {number}{shorten(_ANY_ADDRESS.sub('***', said), 300)}".rstrip(": ")


def _bytes(reply: bytes | str) -> bytes:
    return reply.encode("utf-8", "replace") if isinstance(reply, str) else reply


@contextlib.contextmanager
def _translated(watchdog: Watchdog) -> Iterator[None]:
    """Turn what `smtplib`, TLS and the network raise into our own errors; `from None`, since theirs name addresses."""
    try:
        yield
    except (OSError, UnicodeError) as error:
        raise _ours(error, watchdog.fired) from None


def _ours(error: OSError | UnicodeError, time_over: bool) -> Temporary:
    """Our error for one of theirs. A connection we ended ourselves looks like all sorts of things."""
    import smtplib
    import ssl

    if time_over or isinstance(error, TimeoutError) or isinstance(error.__context__, TimeoutError):
        return Unreachable(Reason.TOO_SLOW)
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return Unreachable(_reason(Reason.SIGN_IN_REFUSED, error.smtp_code, error.smtp_error))
    if isinstance(error, smtplib.SMTPResponseException):
        # The greeting, EHLO or STARTTLS was refused, or a line had no end.
        return Unreachable(_reason(Reason.TURNED_AWAY, error.smtp_code, error.smtp_error))
    if isinstance(error, smtplib.SMTPServerDisconnected):
        return Temporary(Reason.CUT)
    if isinstance(error, smtplib.SMTPException):
        # What is left is a server without STARTTLS, without AUTH, or without any way to sign in that we know.
        return Unreachable(_reason(Reason.NOT_OFFERED, 0, str(error)))
    if isinstance(error, ssl.SSLError):
        return Unreachable(_reason(Reason.NOT_TRUSTED, 0, getattr(error, "verify_message", "") or str(error)))
    if isinstance(error, OSError):
        return Unreachable(_reason(Reason.UNREACHABLE, 0, error.strerror or str(error)))
    return Unreachable(f"{Reason.UNREACHABLE}: the name in VOC_SMTP_HOST is no host name")
