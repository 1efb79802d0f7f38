"""Real counterparts for the e-mail door: a private Dovecot, aiosmtpd, and a proxy that cuts what passes through it."""

from __future__ import annotations

import asyncio
import grp
import imaplib
import os
import pwd
import shutil
import socket
import subprocess
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller

PASSWORD = "secreto"
PATIENCE = 20.0

CONFIG = """
protocols = imap
listen = 127.0.0.1
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/dovecot.log
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
first_valid_uid = 1
auth_failure_delay = 0
disable_plaintext_auth = no
ssl = {ssl}
mail_location = maildir:{folder}/mail/%u
mail_fsync = never
maildir_very_dirty_syncs = no
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/mail/%u
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
  }}
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  chroot =
}}
"""


def free_port() -> int:
    """A port nobody listens at just now."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        port: int = held.getsockname()[1]
        return port


class Dovecot:
    """A Dovecot of this test run alone. Any user may sign in with `PASSWORD` and has a mailbox of their own."""

    def __init__(self, folder: Path, certificate: Path | None = None) -> None:
        self.folder = folder
        self.port, self.tls_port = free_port(), free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self._config = folder / "dovecot.conf"
        account = pwd.getpwnam("nobody") if os.getuid() == 0 else pwd.getpwuid(os.getuid())
        self._owner = account.pw_uid, account.pw_gid
        ssl = f"yes\nssl_cert = <{certificate}\nssl_key = <{certificate}" if certificate else "no"
        self._config.write_text(
            CONFIG.format(
                folder=folder,
                user=account.pw_name,
                group=grp.getgrgid(account.pw_gid).gr_name,
                uid=account.pw_uid,
                gid=account.pw_gid,
                password=PASSWORD,
                port=self.port,
                tls_port=self.tls_port,
                ssl=ssl,
            )
        )
        (folder / "mail").mkdir()
        if os.getuid() == 0:
            # Mail belongs to nobody in particular, who has to get there.
            os.chown(folder / "mail", *self._owner)
            folder.chmod(0o755)

    def start(self) -> None:
        """Start it and wait until it greets."""
        program = shutil.which("dovecot", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin") or "dovecot"
        with (self.folder / "stderr").open("wb") as stderr:
            self._process = subprocess.Popen(
                [program, "-F", "-c", str(self._config)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=stderr,
                start_new_session=True,
            )
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end and self._process.poll() is None:
            with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=2) as connection:
                connection.settimeout(5)
                if connection.recv(4) == b"* OK":
                    return
            time.sleep(0.05)
        raise AssertionError(f"Dovecot did not start: {self.said()}")

    def said(self) -> str:
        """What it wrote into its log."""
        files = [path for path in (self.folder / "dovecot.log", self.folder / "stderr") if path.exists()]
        return "\n".join(path.read_text(errors="replace")[-2000:] for path in files)

    def stop(self) -> None:
        """End it and everything it started."""
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait(timeout=10)
            self._process = None

    def signed_in(self, user: str) -> imaplib.IMAP4:
        """A client of this user, as a mail program would be."""
        client = imaplib.IMAP4("127.0.0.1", self.port, timeout=20)
        client.login(user, PASSWORD)
        return client

    def put(self, user: str, *mails: bytes, folder: str = "INBOX") -> None:
        """Put mails into a folder, which is made when it is not there."""
        client = self.signed_in(user)
        with client:
            client.create(folder)
            for mail in mails:
                status, words = client.append(folder, None, None, mail)  # type: ignore[arg-type]
                assert status == "OK", words

    def flags(self, user: str, folder: str = "INBOX") -> list[str]:
        """The flags of every mail."""
        client = self.signed_in(user)
        with client:
            client.select(folder, readonly=True)
            _, data = client.fetch("1:*", "(FLAGS)")
            return [item.decode() for item in data if isinstance(item, bytes)]


class Inbox:
    """What an SMTP server took. `answers` are given to the next mails instead of 250, one each."""

    def __init__(self) -> None:
        self.mails: list[bytes] = []
        self.recipients: list[str] = []
        self.answers: list[str] = []
        self.refused: dict[str, str] = {}

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        """Take any recipient but the refused ones."""
        if address in self.refused:
            return self.refused[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        """Keep the mail; where the next answer is "vanish" the client never hears that it was taken."""
        answer = self.answers.pop(0) if self.answers else "250 OK"
        if answer == "vanish" or answer.startswith("250"):
            self.mails.append(envelope.content)
            self.recipients += envelope.rcpt_tos
        if answer == "vanish":
            server.transport.abort()
            return "421 gone"
        return answer


class MailServer(Controller):
    """aiosmtpd on a port of the system's choice."""

    def __init__(self, inbox: Inbox, **options: Any) -> None:
        super().__init__(inbox, hostname="127.0.0.1", port=0, **options)

    def _trigger_server(self) -> None:
        assert isinstance(self.server, asyncio.Server)
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


class CuttingProxy:
    """Passes everything on to `target`, and breaks each connection after so many bytes of answers (None: never)."""

    def __init__(self, target: int) -> None:
        self._target = target
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.cut_after: int | None = None
        self.connections = 0
        self._closed = False
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while not self._closed:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        server = socket.create_connection(("127.0.0.1", self._target), timeout=30)
        threading.Thread(target=self._pass, args=(client, server), daemon=True).start()
        left = self.cut_after
        with suppress(OSError):
            while data := server.recv(65536):
                if left is not None and len(data) >= left:
                    client.sendall(data[:left])
                    break
                client.sendall(data)
                left = None if left is None else left - len(data)
        for end in (client, server):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    @staticmethod
    def _pass(source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)

    def close(self) -> None:
        """Take no more connections."""
        self._closed = True
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
