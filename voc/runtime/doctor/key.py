"""The key: is it there, is it the right one, what is lost without it, and how the house goes on."""

from __future__ import annotations

import os
import secrets
import stat
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from voc.audit import audit
from voc.core.errors import Conflict, KeyLost, SettingError, VocError
from voc.core.settings import Settings
from voc.db import Database
from voc.model import Identity
from voc.process.lock import InstanceLock
from voc.runtime import queries as runtime_queries
from voc.runtime.address import LOCK
from voc.runtime.doctor import queries
from voc.runtime.doctor.finding import Finding
from voc.security.keys import Keys, key_path, load_keys, write_key

BATCH = 1000
LOST = (
    "without it nobody can open: secrets of channels, passwords, links in mails already sent, "
    "and the hashes by which customers and repeated deliveries are recognized"
)
SECRETS_LOST = "its secrets were lost with the key: enter them again"


@dataclass(frozen=True, slots=True)
class Lost:
    """What a new key gave up: public names of channels with secrets, passwords, and deliveries that count again when
    they are repeated. `identities`: customers' identities whose hashes were made again, so that nothing is lost."""

    channels: tuple[str, ...]
    passwords: int
    deliveries: int
    identities: int


def key_findings(settings: Settings, expected: str | None) -> list[Finding]:
    """Presence, permissions, and whether it is the key behind `expected` (None: the database cannot tell)."""
    path = key_path(settings)
    given = bool(settings.encryption_key)
    try:
        keys = load_keys(settings, may_create=False)
    except KeyLost:
        if expected is None:
            return [Finding("look", "key", f"there is no key file {path} yet", "voc serve makes it at the first start")]
        todo = f"put {path.name} back from a backup; {LOST}. If it is gone for good: voc doctor --new-key"
        return [Finding("wrong", "key", f"the key file {path} is missing", todo)]
    except (SettingError, OSError) as error:
        return [Finding("wrong", "key", str(error), "put the right key back from a backup")]
    place = "VOC_ENCRYPTION_KEY" if given else str(path)
    found = [] if given else _permissions(path.stat().st_mode, str(path))
    if expected is not None and keys.check() != expected:
        text = f"{place} is not the key that the data was written with"
        todo = f"put the right one back from a backup; {LOST}. If it is gone for good, move this one away first"
        return [*found, Finding("wrong", "key", text, todo)]
    return found or [Finding("ok", "key", f"{place}, and it is the right one" if expected else place)]


def _permissions(mode: int, path: str) -> list[Finding]:
    if stat.S_IMODE(mode) & 0o077:
        return [Finding("wrong", "key", f"others can read {path} ({stat.S_IMODE(mode):04o})", f"chmod 600 {path}")]
    return []


def new_key(settings: Settings, *, now: datetime) -> Lost:
    """Make a new key for an instance that lost its own, and let go of what only the old one could open.

    Raises Conflict while there is any key, right or wrong, AlreadyRunning while the server runs, VocError when the
    instance was never started. Killed in the middle it can be called again: the file comes last.
    """
    if settings.encryption_key:
        raise Conflict(
            "VOC_ENCRYPTION_KEY is set: put the right key there, or take it away before asking for a new one"
        )
    path = key_path(settings)
    if os.path.lexists(path):
        raise Conflict(f"there is a key already ({path}); if it is not the right one and that is lost, move it away")
    if not settings.instance.is_dir():
        raise VocError("this instance was never started: there is no key to replace")
    with InstanceLock(settings.instance / LOCK):
        db = Database(settings.url, pool_size=2)
        try:
            master = secrets.token_bytes(32)
            with db.writing(patience=30) as session:
                lost = _let_go(session, Keys(master), now)
            write_key(path, master)
        finally:
            db.close()
    return lost


def _let_go(session: Session, keys: Keys, now: datetime) -> Lost:
    if runtime_queries.key_check(session) is None:
        raise VocError("this instance was never started: there is no key to replace")
    house = runtime_queries.house(session)
    if house is None:
        raise VocError("this instance was never started: there is no key to replace")
    house.key_check = keys.check()
    channels = queries.channels_with_secrets(session)
    for channel in channels:
        channel.health, channel.health_text = "failing", SECRETS_LOST
    people = queries.users_with_passwords(session)
    for user in people:
        user.password = None
    renewed = _hash_again(session, keys)
    audit(session, actor_id=None, action="key.replaced", subject_id=None, now=now)
    return Lost(tuple(channel.slug for channel in channels), len(people), queries.deliveries(session), renewed)


def _hash_again(session: Session, keys: Keys) -> int:
    """Customers are found by a keyed hash of their identity; its value is still there."""
    count, after = 0, None
    while rows := queries.identities(session, after, BATCH):
        session.execute(
            update(Identity),
            [{"id": id_, "value_hash": keys.hash("identity", kind, value)} for id_, kind, value in rows],
        )
        count, after = count + len(rows), rows[-1].id
    return count
