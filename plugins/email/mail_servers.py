"""Mail servers for the fixtures: IMAP and SMTP on loopback, as far as the channel speaks them, with what goes wrong."""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

PASSWORD = "password-of-the-fixtures"  # noqa: S105  (of servers that live for a second)
SILENCE = 6.0
Trouble = Callable[[], str | None]
Stream = Any  # a socket's file, for reading and writing


class MailServer:
    """A server of lines on a port of the system's choice; `trouble` says what goes wrong now."""

    def __init__(self, trouble: Trouble) -> None:
        self.trouble = trouble
        self._closing = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._take, daemon=True).start()

    def close(self) -> None:
        """Take no more connections, and let go of those that wait."""
        self._closing.set()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _take(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with client, suppress(OSError), client.makefile("rwb") as stream:
            if self.trouble() == "silent":
                self._closing.wait(SILENCE)
            elif self.trouble() == "nonsense":
                client.sendall(b"HTTP/1.1 200 It works\r\n\r\n")
            else:
                self.talk(stream)

    def talk(self, stream: Stream) -> None:
        """One conversation."""
        raise NotImplementedError

    @staticmethod
    def say(stream: Stream, *lines: bytes) -> None:
        """Lines, sent at once."""
        stream.write(b"".join(line + b"\r\n" for line in lines))
        stream.flush()


class Imap(MailServer):
    """One folder; UIDs rise, and begin again when `validity` changes."""

    def __init__(self, trouble: Trouble) -> None:
        self.mails: dict[int, bytes] = {}
        self.validity = 7
        super().__init__(trouble)

    def talk(self, stream: Stream) -> None:
        """Greeting, sign-in, commands."""
        if self.trouble() in ("down", "busy"):
            self.say(stream, b"* BYE [UNAVAILABLE] down for maintenance")
            return
        self.say(stream, b"* OK IMAP4rev1 ready")
        while line := stream.readline():
            tag, _, command = line.strip().partition(b" ")
            word = command.split(b" ")[0].upper()
            if word == b"LOGIN" and (self.trouble() == "denied" or PASSWORD.encode() not in command):
                self.say(stream, tag + b" NO [AUTHENTICATIONFAILED] wrong user name or password")
                continue
            self.say(stream, *self._answer(word, command), tag + b" OK done")
            if word == b"LOGOUT":
                return

    def _answer(self, word: bytes, command: bytes) -> list[bytes]:
        if word == b"CAPABILITY":
            return [b"* CAPABILITY IMAP4rev1"]
        if word == b"EXAMINE":
            following = max(self.mails, default=0) + 1
            known = b"* OK [UIDVALIDITY %d] ok", b"* OK [UIDNEXT %d] ok"
            return [b"* %d EXISTS" % len(self.mails), known[0] % self.validity, known[1] % following]
        if command.upper().startswith(b"UID SEARCH"):
            return [b"* SEARCH " + b" ".join(b"%d" % uid for uid in self._asked(command))]
        if command.upper().startswith(b"UID FETCH"):
            return [self._fetched(number, uid, command) for number, uid in enumerate(self._asked(command), start=1)]
        return [b"* BYE"] if word == b"LOGOUT" else []

    def _asked(self, command: bytes) -> list[int]:
        """UIDs of a set such as 3:*,9 that are there."""
        numbers = next(word for word in command.split(b" ")[2:] if re.fullmatch(rb"[\d:,*]+", word))
        found: set[int] = set()
        for part in numbers.split(b","):
            low, _, high = part.partition(b":")
            end = 10**10 if high == b"*" else int(high or low)
            found |= {uid for uid in self.mails if int(low) <= uid <= end}
        return sorted(found)

    def _fetched(self, number: int, uid: int, command: bytes) -> bytes:
        mail = self.mails[uid]
        if b"RFC822.SIZE" in command:
            date = b'INTERNALDATE "01-Mar-2026 10:00:%02d +0000"' % (uid % 60)
            return b"* %d FETCH (UID %d RFC822.SIZE %d %s)" % (number, uid, len(mail), date)
        return b"* %d FETCH (UID %d BODY[] {%d}\r\n%s)" % (number, uid, len(mail), mail)


class Smtp(MailServer):
    """Takes mail; `taken` is told of each."""

    def __init__(self, trouble: Trouble, taken: Callable[[bytes], None]) -> None:
        self._taken = taken
        super().__init__(trouble)

    def talk(self, stream: Stream) -> None:
        """Greeting, sign-in, envelope, mail."""
        if self.trouble() in ("down", "busy"):
            self.say(stream, b"421 down for maintenance")
            return
        self.say(stream, b"220 ready")
        while line := stream.readline():
            word = line[:4].upper()
            if word == b"DATA":
                self.say(stream, b"354 go on")
                if not self._mail(stream):
                    return
            elif word == b"EHLO":
                self.say(stream, b"250-here", b"250-AUTH PLAIN LOGIN", b"250 SMTPUTF8")
            elif word == b"AUTH":
                self.say(stream, b"535 wrong user name or password" if self.trouble() == "denied" else b"235 come in")
            elif word == b"RCPT" and self.trouble() == "gone":
                self.say(stream, b"550 5.1.1 no such user here")
            elif word == b"QUIT":
                self.say(stream, b"221 bye")
                return
            else:
                self.say(stream, b"250 OK")

    def _mail(self, stream: Stream) -> bool:
        """Take one mail; False when the client is to hear nothing of it."""
        lines = []
        while (line := stream.readline()) and line != b".\r\n":
            lines.append(line[1:] if line.startswith(b".") else line)
        self._taken(b"".join(lines))
        if self.trouble() == "lost":
            return False
        self.say(stream, b"250 taken")
        return True
