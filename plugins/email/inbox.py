"""A folder on an IMAP server, looked at and never changed: opened read-only, bodies peeked at, everything bounded.

imap-tools signs in and knows folder names; what the server answers to FETCH is taken apart here, because every way of
answering must count, and because the mails themselves are for the host's limited reader, not for this process.
"""

from __future__ import annotations

import imaplib
import re
import ssl
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from imap_tools.errors import ImapToolsError, MailboxFolderSelectError, MailboxLoginError
from imap_tools.mailbox import BaseMailBox

from voc.plugin import Context, Misconfigured, TryLater

from .settings import port, security, text
from .trouble import STEP, Alarm, of_connection, said

# Seconds one visit may take; the host gives a call to `fetch` 90.
WHOLE = 70.0
# Bytes of one line, and of all that a server says to one command beside the mails asked for.
LONGEST_LINE = 16_000_000
CHATTER = 20_000_000
LINE_PRICE = 500

_UID = re.compile(rb"\bUID (\d{1,10})\b")
_SIZE = re.compile(rb"\bRFC822\.SIZE (\d{1,15})\b")
_DATE = re.compile(rb'\bINTERNALDATE "([^"]{1,40})"')
_BODY = re.compile(rb"BODY\[[A-Z]*\](?:<\d+>)? \{\d+\}$", re.IGNORECASE)
_QUOTED = re.compile(rb'BODY\[[A-Z]*\](?:<\d+>)? "((?:[^"\\]|\\.)*)"', re.IGNORECASE)
_LATER = re.compile(r"UNAVAILABLE|INUSE|LIMIT|SERVERBUG|temporar|try again|too many|later|overload", re.IGNORECASE)


class Client(imaplib.IMAP4):
    """`imaplib` over the host's guarded connection. `budget`: bytes the server may still say to this command."""

    def __init__(self, ctx: Context, host: str, port: int, *, tls: bool) -> None:
        self._ctx = ctx
        self._tls = tls
        self.budget = CHATTER
        self.alarm: Alarm | None = None
        super().__init__(host, port)

    def open(self, host: str = "", port: int = 0, timeout: float | None = None) -> None:
        """The seam `imaplib` itself uses for TLS."""
        assert self._ctx.connect is not None  # noqa: S101  (the host always gives one)
        self.host, self.port = host, port
        self.sock = self._ctx.connect(host, port, tls=self._tls, timeout=STEP)
        self.alarm = Alarm(self.sock, WHOLE)
        self.file = self.sock.makefile("rb")

    def shutdown(self) -> None:
        """Close; also called by `imaplib` when the greeting goes wrong."""
        if self.alarm is not None:
            self.alarm.off()
        super().shutdown()

    def read(self, size: int) -> bytes:
        """A literal; one that is longer than anything asked for is not waited for."""
        self._spend(size)
        return bytes(self.file.read(size))  # type: ignore[arg-type]

    def readline(self) -> bytes:
        """A line, bounded."""
        line = bytes(self.file.readline(LONGEST_LINE + 1))  # type: ignore[arg-type]
        # A line costs us time as well: millions of short ones are a flood.
        self._spend(len(line) + LINE_PRICE)
        if len(line) > LONGEST_LINE:
            raise self.abort("a line without end")
        return line

    def _spend(self, size: int) -> None:
        self.budget -= size
        if self.budget < 0:
            raise self.abort("more than was asked for")


class _Mailbox(BaseMailBox):
    """imap-tools over `Client`."""

    def __init__(self, ctx: Context, options: Mapping[str, Any]) -> None:
        self._ctx = ctx
        self._options = options
        super().__init__()

    def _get_mailbox_client(self) -> imaplib.IMAP4:
        host, kind = text(self._options, "imap_host"), security(self._options, "imap")
        client = Client(self._ctx, host, port(self._options, "imap"), tls=kind == "tls")
        if kind == "starttls":
            try:
                client.starttls(ssl.create_default_context())
            except imaplib.IMAP4.error as error:
                _close(client)
                raise Misconfigured(f"{host} does not offer STARTTLS: {said(error)}") from None
            except BaseException:
                _close(client)
                raise
        return client


class Inbox:
    """The open folder. `validity` and `next_uid` as the server says; 0 where it says nothing."""

    def __init__(self, mailbox: _Mailbox) -> None:
        self._mailbox = mailbox
        self._client: Any = mailbox.client
        self.exists = self._number("EXISTS")
        # A server without one keeps its numbers, we have to hope; any constant says so.
        self.validity = self._number("UIDVALIDITY") or 1
        self.next_uid = self._number("UIDNEXT")

    def _number(self, name: str) -> int:
        _, data = self._client.response(name)
        last = data[-1] if data else None
        return int(last) if isinstance(last, bytes) and last.isdigit() and len(last) < 12 else 0

    def uids(self, low: int, high: int | None, since: str = "") -> list[int]:
        """UIDs from `low` to `high` (None: to the end) that are there, rising; `since` as 01-Mar-2026."""
        self._client.budget = CHATTER
        criteria = f"UID {low}:{high or '*'}" + (f" SINCE {since}" if since else "")
        found = (int(uid) for uid in self._mailbox.uids(criteria, charset=None) if uid.isdigit())
        # `n:*` names the last mail even when its number is below n.
        return sorted({uid for uid in found if uid >= low and (high is None or uid <= high)})

    def facts(self, uids: Sequence[int]) -> dict[int, tuple[int, str]]:
        """(bytes, a mark that another mail would not have) of each of these mails that the server speaks of."""
        found: dict[int, tuple[int, str]] = {}
        asked = set(uids)
        for about, _ in self._fetch(uids, "(UID RFC822.SIZE INTERNALDATE)", CHATTER):
            uid, size, at = _UID.search(about), _SIZE.search(about), _DATE.search(about)
            if uid and size and int(uid[1]) in asked:
                found[int(uid[1])] = int(size[1]), f"{int(size[1])} {at[1].decode('latin-1').strip() if at else ''}"
        return found

    def bodies(self, uids: Sequence[int], size: int) -> dict[int, bytes]:
        """The mails themselves, as far as the server gives them; `size` is what they have together."""
        return self._bodies(uids, "(UID BODY.PEEK[])", CHATTER + 2 * size)

    def head(self, uid: int, size: int) -> bytes:
        """The first bytes of a mail that is not fetched."""
        return self._bodies([uid], f"(UID BODY.PEEK[HEADER]<0.{size}>)", CHATTER + size).get(uid, b"")

    def _bodies(self, uids: Sequence[int], what: str, budget: int) -> dict[int, bytes]:
        found: dict[int, bytes] = {}
        asked = set(uids)
        for about, body in self._fetch(uids, what, budget):
            uid = _UID.search(about)
            if uid and body is not None and int(uid[1]) in asked:
                found[int(uid[1])] = body
        return found

    def _fetch(self, uids: Sequence[int], what: str, budget: int) -> Iterator[tuple[bytes, bytes | None]]:
        """(everything around the body, the body or None) of each answer. A refusal gives none."""
        if not uids:
            return
        self._client.budget = budget
        try:
            status, data = self._client.uid("FETCH", ranges(uids), what)
        except imaplib.IMAP4.abort:
            raise
        except imaplib.IMAP4.error:  # BAD: this command, not the connection
            return
        if status == "OK":
            yield from answers(data)


def answers(data: Iterable[Any]) -> Iterator[tuple[bytes, bytes | None]]:
    """What `imaplib` collected, answer by answer: (text around the literals, the body or None).

    Each answer is any number of (text, literal) pairs and a closing text; the number may come before the body or after.
    """
    about, body = b"", None
    for item in data:
        if isinstance(item, tuple):
            about += item[0]
            if _BODY.search(item[0]):
                body = item[1]
            continue
        if isinstance(item, bytes):
            about += item
            quoted = _QUOTED.search(about) if body is None else None
            yield about, re.sub(rb"\\(.)", rb"\1", quoted[1]) if quoted else body
        about, body = b"", None


def ranges(uids: Sequence[int]) -> str:
    """UIDs as a set of IMAP: 4,7:9."""
    found: list[list[int]] = []
    for uid in sorted(uids):
        if found and uid == found[-1][1] + 1:
            found[-1][1] = uid
        else:
            found.append([uid, uid])
    return ",".join(str(low) if low == high else f"{low}:{high}" for low, high in found)


@contextmanager
def opened(ctx: Context, options: Mapping[str, Any]) -> Iterator[Inbox]:
    """The folder of these options, read-only; raises TryLater or Misconfigured with words for the channel's page."""
    host = text(options, "imap_host")
    mailbox: _Mailbox | None = None
    try:
        try:
            mailbox = _Mailbox(ctx, options)
            _sign_in(mailbox, options)
            mailbox.folder.set(text(options, "imap_folder") or "INBOX", readonly=True)
            yield Inbox(mailbox)
        except MailboxFolderSelectError as error:
            words = said(error.command_result[1][0] if error.command_result[1] else "")
            if _LATER.search(words):
                raise TryLater(f"{host} cannot open the folder just now: {words}") from None
            folder = text(options, "imap_folder") or "INBOX"
            raise Misconfigured(f"the mailbox has no folder {folder} that could be read: {words}") from None
        except (ImapToolsError, imaplib.IMAP4.error) as error:
            if mailbox is not None and mailbox.client.alarm.rang:
                raise TryLater(f"{host} took more than {WHOLE:g} seconds") from None
            raise TryLater(f"{host} ended the conversation: {said(error)}") from None
        except OSError as error:
            raise of_connection(error, host, port(options, "imap")) from None
    finally:
        if mailbox is not None:
            _leave(mailbox)


def _sign_in(mailbox: _Mailbox, options: Mapping[str, Any]) -> None:
    user, password = text(options, "imap_user"), str(options.get("imap_password") or "")
    try:
        if (user + password).isascii():
            mailbox.login(user, password, initial_folder=None)
        else:
            mailbox.login_utf8(user, password, initial_folder=None)
    except imaplib.IMAP4.abort:
        raise
    except (MailboxLoginError, imaplib.IMAP4.error) as error:
        result = getattr(error, "command_result", None)
        words = said(result[1][0] if result and result[1] else error)
        if _LATER.search(words):
            raise TryLater(f"the mailbox cannot be opened just now: {words}") from None
        raise Misconfigured(f"the mail server refused user name or password: {words}") from None


def _leave(mailbox: _Mailbox) -> None:
    """Say goodbye and close; nothing that goes wrong here matters."""
    client: Any = mailbox.client
    with suppress(OSError, imaplib.IMAP4.error, ImapToolsError):
        client.sock.settimeout(3)
        mailbox.logout()
    _close(client)


def _close(client: Client) -> None:
    with suppress(OSError, ValueError):
        client.shutdown()
