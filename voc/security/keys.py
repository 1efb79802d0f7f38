"""The instance's key: signatures, encryption and keyed hashes, each under a purpose of its own.

One random key (file `key` in the instance folder, or VOC_ENCRYPTION_KEY). Every use derives its own key by
HMAC-SHA-256 over the purpose, so that a leak of one use says nothing about another.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import secrets
from pathlib import Path

from voc.core.errors import KeyLost, Permanent, SettingError
from voc.core.settings import Settings

FILE_NAME = "key"


class Keys:
    """Derived keys of one instance. `master` is 32 random bytes."""

    def __init__(self, master: bytes) -> None:
        self._master = master
        self._derived: dict[str, bytes] = {}

    def derive(self, purpose: str) -> str:
        """A secret for another library, hexadecimal."""
        return self._key(purpose).hex()

    def check(self) -> str:
        """A value to keep beside the data that tells whether this is the key it was written with."""
        return self._key("key-check").hex()

    def sign(self, purpose: str, text: str) -> str:
        """A short signature for links (96 bits, URL-safe)."""
        digest = hmac.new(self._key("sign:" + purpose), text.encode(), hashlib.sha256).digest()
        return base64.urlsafe_b64encode(digest[:12]).decode()

    def verify(self, purpose: str, text: str, signature: str | None) -> bool:
        """Whether `signature` is ours, in constant time."""
        return hmac.compare_digest(self.sign(purpose, text).encode(), (signature or "").encode())

    def hash(self, purpose: str, *parts: str | bytes) -> bytes:
        """A keyed 32-byte hash of `parts`; lengths are hashed too, so that ("ab", "c") is not ("a", "bc")."""
        digest = hmac.new(self._key("hash:" + purpose), digestmod=hashlib.sha256)
        for part in parts:
            data = part.encode() if isinstance(part, str) else part
            digest.update(len(data).to_bytes(8, "big"))
            digest.update(data)
        return digest.digest()

    def encrypt(self, data: bytes) -> bytes:
        """Encrypt and authenticate (Fernet)."""
        from cryptography.fernet import Fernet

        return Fernet(base64.urlsafe_b64encode(self._key("encrypt"))).encrypt(data)

    def decrypt(self, data: bytes) -> bytes:
        """The inverse; raises Permanent when the key is another one or the data was changed."""
        from cryptography.fernet import Fernet, InvalidToken

        try:
            return Fernet(base64.urlsafe_b64encode(self._key("encrypt"))).decrypt(data)
        except InvalidToken:
            raise Permanent("this secret was encrypted with another key") from None

    def _key(self, purpose: str) -> bytes:
        key = self._derived.get(purpose)
        if key is None:
            key = self._derived[purpose] = hmac.digest(self._master, b"voc:" + purpose.encode(), "sha256")
        return key


def key_path(settings: Settings) -> Path:
    """Where the key file lies."""
    return settings.instance / FILE_NAME


def load_keys(settings: Settings, *, may_create: bool) -> Keys:
    """The instance's keys; a new key is written only when `may_create`, else KeyLost says what to do."""
    if settings.encryption_key:
        return Keys(_decode("VOC_ENCRYPTION_KEY", settings.encryption_key))
    path = key_path(settings)
    if path.is_file():
        return Keys(_decode(str(path), path.read_text(encoding="ascii", errors="replace").strip()))
    if not may_create:
        raise KeyLost(
            f"the key file {path} is missing. Put it back from a backup; `voc doctor` says what is lost without it"
        )
    master = secrets.token_bytes(32)
    write_key(path, master)
    return Keys(master)


def write_key(path: Path, master: bytes) -> None:
    """Write a new key file that only its owner can read; raises SettingError when one is there already."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise SettingError(str(path), "a key file is there already") from None
    with os.fdopen(handle, "wb") as stream:
        stream.write(base64.urlsafe_b64encode(master) + b"\n")
        stream.flush()
        os.fsync(stream.fileno())


def _decode(name: str, text: str) -> bytes:
    try:
        master = base64.urlsafe_b64decode(text.encode("ascii"))
    except ValueError:
        master = b""
    if len(master) != 32:
        raise SettingError(name, "holds no key (32 bytes, base64)")
    return master
