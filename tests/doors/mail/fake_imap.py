"""An IMAP server that can lie: scripted where Dovecot is too honest."""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Callable
from contextlib import suppress

Answer = bytes | None


class FakeImap:
    """Serves `mails` (UID to bytes). Its attributes say how it lies; `answer` may take over any command."""

    def __init__(self, mails: dict[int, bytes]) -> None:
        self.mails = dict(mails)
        self.validity = 7
        self.next_uid: int | None = None
        self.withheld: set[int] = set()
        self.hidden: set[int] = set()
        self.refused: set[int] = set()
        self.deadly: set[int] = set()
        self.uid_last = False
        self.quoted = False
        self.answer: Callable[[bytes, bytes], bytes | None] = lambda tag, command: None
        self.heard: list[bytes] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Take no more connections."""
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with client, suppress(OSError), client.makefile("rb") as lines:
            client.sendall(b"* OK hi\r\n")
            while line := lines.readline():
                self.heard.append(line)
                tag, _, command = line.strip().partition(b" ")
                said = self.answer(tag, command)
                if said is None:
                    said = self._said(tag, command)
                if said is None:
                    return
                client.sendall(said)

    def _said(self, tag: bytes, command: bytes) -> bytes | None:
        """The whole answer to one command; None hangs up."""
        word = command.split(b" ")[0].upper()
        done = tag + b" OK done\r\n"
        if word == b"CAPABILITY":
            return b"* CAPABILITY IMAP4rev1\r\n" + done
        if word == b"EXAMINE":
            following = self.next_uid if self.next_uid is not None else max(self.mails, default=0) + 1
            shown = b"* OK [UIDNEXT %d] next\r\n" % following if following else b""
            return b"* %d EXISTS\r\n* OK [UIDVALIDITY %d] ok\r\n" % (len(self.mails), self.validity) + shown + done
        if word == b"LOGOUT":
            return b"* BYE\r\n" + done
        if command.upper().startswith(b"UID SEARCH"):
            return b"* SEARCH " + b" ".join(b"%d" % uid for uid in self._asked(command)) + b"\r\n" + done
        if command.upper().startswith(b"UID FETCH"):
            return self._fetched(tag, command)
        return done

    def _asked(self, command: bytes) -> list[int]:
        """The UIDs of a set such as 3:*,9 that are there, and, as IMAP wants it, the last one for n:*."""
        words = command.split(b" ")
        numbers = next(word for word in words[2:] if re.fullmatch(rb"[\d:,*]+", word))
        there = sorted(uid for uid in self.mails if uid not in self.hidden)
        found: set[int] = set()
        for part in numbers.split(b","):
            low, _, high = part.partition(b":")
            last = there[-1] if there else 0
            first = int(low)
            end = last if high == b"*" else int(high or low)
            found |= {uid for uid in there if min(first, end) <= uid <= max(first, end)}
        return sorted(found)

    def _fetched(self, tag: bytes, command: bytes) -> bytes | None:
        out = b""
        asked = self._asked(command)
        if b"BODY" in command and self.deadly & set(asked):
            return None
        if b"BODY" in command and self.refused & set(asked):
            return tag + b" NO cannot\r\n"
        for number, uid in enumerate(asked, start=1):
            mail = self.mails[uid]
            if b"RFC822.SIZE" in command:
                date = b'INTERNALDATE "01-Mar-2026 10:00:%02d +0000"' % (uid % 60)
                out += b"* %d FETCH (UID %d RFC822.SIZE %d %s)\r\n" % (number, uid, len(mail), date)
            elif uid in self.withheld:
                out += b"* %d FETCH (UID %d BODY[] NIL)\r\n" % (number, uid)
            elif self.quoted:
                out += b'* %d FETCH (UID %d BODY[] "%s")\r\n' % (number, uid, mail)
            elif self.uid_last:
                out += b"* %d FETCH (FLAGS () BODY[] {%d}\r\n%s UID %d)\r\n" % (number, len(mail), mail, uid)
            else:
                out += b"* 99 EXISTS\r\n* %d FETCH (UID %d BODY[] {%d}\r\n%s)\r\n" % (number, uid, len(mail), mail)
                out += b"* %d FETCH (FLAGS (\\Seen))\r\n" % number
        return out + tag + b" OK done\r\n"
