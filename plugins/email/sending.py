"""Handing one answer to the SMTP server, and saying honestly what became of it.

Whatever happens before the last line of the mail was sent is certain. After it only the server's answer is: when that
is lost, nobody knows, the host tries again, and the same Message-ID lets the customer's server see that it is the same.
"""

from __future__ import annotations

import re
import smtplib
import socket
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

from voc.plugin import Context, Misconfigured, TryLater, Undeliverable

from .settings import port, security, text
from .trouble import STEP, Alarm, of_connection, said

# Seconds one delivery may take; the host gives a call to `send` 75.
WHOLE = 60.0
# Answers that speak of our sign-in or its encryption, at whichever step they come.
_OURS = frozenset({530, 534, 535, 538})
_TOO_LARGE = 552
_RELAY = re.compile(r"relay|authentication required|sender address rejected|not owned by", re.IGNORECASE)


class OutcomeUnknown(Exception):
    """The server may have taken the mail or not."""


class Client(smtplib.SMTP):
    """`smtplib` over the host's guarded connection, ended by an alarm."""

    def __init__(self, ctx: Context, host: str, port: int, *, tls: bool) -> None:
        self._ctx = ctx
        self._tls = tls
        self.alarm: Alarm | None = None
        super().__init__(host, port, local_hostname=own_name(), timeout=STEP)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        """The seam `smtplib` itself uses for TLS."""
        assert self._ctx.connect is not None  # noqa: S101  (the host always gives one)
        connection = self._ctx.connect(host, port, tls=self._tls, timeout=timeout)
        self.alarm = Alarm(connection, WHOLE)
        return connection

    def close(self) -> None:
        """Close; also called by `smtplib` when the greeting goes wrong."""
        if self.alarm is not None:
            self.alarm.off()
        super().close()

    def leave(self) -> None:
        """Say goodbye and close; what was decided was decided before."""
        with suppress(OSError, smtplib.SMTPException):
            if self.sock is not None:
                self.sock.settimeout(2)
                self.quit()
        with suppress(OSError):
            self.close()


def own_name() -> str:
    """What we call ourselves; asking the name server for it may take for ever."""
    name = socket.gethostname()
    return name if "." in name and name.isascii() and " " not in name else "[127.0.0.1]"


def deliver(ctx: Context, options: Mapping[str, Any], mail: bytes, *, sender: str, recipient: str) -> None:
    """Hand over one mail; when this returns, the server has taken it.

    Raises TryLater, Undeliverable, Misconfigured, or OutcomeUnknown.
    """
    with signed_in(ctx, options) as client:
        unicode_needed = not (sender + recipient).isascii()
        extra = [f"size={len(mail)}"] if client.has_extn("size") else []
        if unicode_needed:
            if not client.has_extn("smtputf8"):
                raise Undeliverable("the mail server takes no addresses with letters outside ASCII")
            extra += ["SMTPUTF8", "BODY=8BITMIME"]
        _demand_sender(client.mail(sender, extra))
        _demand_recipient(client.rcpt(recipient))
        client.putcmd("data")
        code, reply = client.getreply()
        if code != 354:
            _demand_mail(code, reply)
            raise TryLater(f"the mail server gave an answer that nobody understands: {code} {said(reply)}")
        _demand_mail(*_say_it(client, mail))


def _say_it(client: Client, mail: bytes) -> tuple[int, bytes]:
    """Send the mail and its end, and hear what the server says of it."""
    try:
        lines = re.sub(rb"\r\n|\r|\n", b"\r\n", mail)
        # A line that is a single dot would end the mail.
        stuffed = re.sub(rb"(?m)^\.", b"..", lines)
        client.send(stuffed + (b"" if stuffed.endswith(b"\r\n") else b"\r\n") + b".\r\n")
        return client.getreply()
    except (OSError, smtplib.SMTPException) as error:
        raise OutcomeUnknown(
            f"the connection was lost before the mail server said whether it took the mail ({said(error)})"
        ) from None


def _demand_sender(answer: tuple[int, bytes]) -> None:
    code, reply = answer
    if code // 100 == 5 and code != _TOO_LARGE:
        # Whom we may send as is a matter of the set-up, so a person can mend it while the answer waits.
        raise Misconfigured(f"the mail server does not let us send as this address: {code} {said(reply)}")
    _demand_mail(code, reply)


def _demand_recipient(answer: tuple[int, bytes]) -> None:
    code, reply = answer
    if code // 100 == 2:
        return
    if code in _OURS or (code // 100 == 5 and _RELAY.search(said(reply))):
        raise Misconfigured(f"the mail server does not send for us: {code} {said(reply)}")
    if code // 100 == 5:
        raise Undeliverable(f"the mail server refused the address: {code} {said(reply)}")
    raise TryLater(f"the mail server does not take mail for this address just now: {code} {said(reply)}")


def _demand_mail(code: int, reply: bytes) -> None:
    if code // 100 == 2:
        return
    if code in _OURS:
        raise Misconfigured(f"the mail server wants a sign-in: {code} {said(reply)}")
    if code // 100 == 5:
        raise Undeliverable(f"the mail server refused the mail: {code} {said(reply)}")
    raise TryLater(f"the mail server does not take the mail just now: {code} {said(reply)}")


@contextmanager
def signed_in(ctx: Context, options: Mapping[str, Any]) -> Iterator[Client]:
    """A connection that has greeted, is encrypted where that was asked for, and has signed in."""
    host = text(options, "smtp_host")
    if not host:
        raise Misconfigured("this channel has no smtp_host, so it cannot answer")
    client: Client | None = None
    try:
        try:
            client = _connected(ctx, options, host)
            yield client
        except smtplib.SMTPAuthenticationError as error:
            later = error.smtp_code // 100 == 4
            words = f"the mail server refused the sign-in: {error.smtp_code} {said(error.smtp_error)}"
            raise (TryLater(words) if later else Misconfigured(words)) from None
        except smtplib.SMTPNotSupportedError as error:
            raise Misconfigured(f"the mail server does not offer what is asked of it: {said(error)}") from None
        except smtplib.SMTPResponseException as error:
            raise TryLater(f"the mail server turned us away: {error.smtp_code} {said(error.smtp_error)}") from None
        except smtplib.SMTPServerDisconnected as error:
            raise TryLater(f"{host} ended the conversation: {said(error)}") from None
        except smtplib.SMTPException as error:
            raise Misconfigured(f"the mail server cannot be used: {said(error)}") from None
        except UnicodeError:
            raise Misconfigured("user name and password for sending must be of ASCII letters") from None
        except OSError as error:
            raise of_connection(error, host, port(options, "smtp")) from None
    finally:
        if client is not None:
            client.leave()


def _connected(ctx: Context, options: Mapping[str, Any], host: str) -> Client:
    kind = security(options, "smtp")
    client = Client(ctx, host, port(options, "smtp"), tls=kind == "tls")
    try:
        client.ehlo_or_helo_if_needed()
        if kind == "starttls":
            client.starttls(context=ssl.create_default_context())
            client.ehlo_or_helo_if_needed()
        if user := text(options, "smtp_user"):
            client.login(user, str(options.get("smtp_password") or ""))
    except BaseException:
        client.leave()
        raise
    return client
