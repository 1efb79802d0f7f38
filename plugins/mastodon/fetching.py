"""Finding new mentions: from the oldest not yet seen to the newest, whatever was missed in between.

The cursor is `{"after": id of the last notification, "watch": [...]}`. The first time, unless everything is wanted, it
is `{"before": id}` while the pages are walked back to the day to begin with.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from voc.plugin import Context, Page, Pulled

from .account import Account, account_of
from .client import Server, Trouble
from .reading import DELETED, EDIT, OWN_DOMAIN, OWN_ID, OWN_NAME, STATUS, moment
from .watching import Log, Watch

# Notifications a request; every version since 4.1 gives as many, older ones give fewer.
PAGE = 40
# A page of at least so many may not be all there is; no server gives fewer when there are more.
FULL = 15
# Mentions that one call gives at most.
MOST = 480
# Below every id there is.
BEGINNING = "0"


@dataclass(frozen=True, slots=True)
class Round:
    """What one call of `fetch` works with."""

    server: Server
    account: Account
    log: Log
    now: datetime | None
    start_days: int
    watch_days: int

    @classmethod
    def of(cls, ctx: Context) -> Round:
        """Raises Trouble when the server does not say whose token this is."""
        server = Server(ctx)
        days = [ctx.options.get(name) for name in ("start_days", "watch_days")]
        start, watch = (value if isinstance(value, int) else 7 for value in days)
        return cls(server, account_of(ctx, server), ctx.log, ctx.now() if ctx.now else None, start, watch)

    def pulled(self, status: Mapping[str, Any], content_type: str) -> Pulled:
        """One version of a status as it will be stored, with who we were when it came."""
        version = status.get("edited_at") or status.get("created_at")
        return Pulled(
            body=json.dumps(status, ensure_ascii=False).encode("utf-8", "replace"),
            content_type=content_type,
            delivery_id=f"mention:{status['id']}:{version}",
            headers={OWN_ID: self.account.id, OWN_NAME: self.account.username, OWN_DOMAIN: self.account.domain},
        )


def fetch_page(ctx: Context, cursor: Mapping[str, Any] | None) -> Page:
    """The next page of mentions; when there are none left, a look at those that may have changed."""
    try:
        this = Round.of(ctx)
        watch = Watch.of(cursor, now=this.now, days=this.watch_days)
        after = (cursor or {}).get("after")
        if not isinstance(after, str):
            before = (cursor or {}).get("before")
            return _back(this, before if isinstance(before, str) else None)
        return _forward(this, after, watch)
    except Trouble as trouble:
        trouble.unsettled("Mentions could not be fetched")


def _back(this: Round, before: str | None) -> Page:
    """Walk back to where to begin, storing nothing; the way forward then takes everything."""
    if this.start_days <= 0 or this.now is None:
        return Page(cursor={"after": BEGINNING, "watch": []}, more=True)
    oldest = this.now - timedelta(days=this.start_days)
    found = _notifications(this, max_id=before)
    for note in found:
        at = moment(note.get("created_at"))
        if at is not None and at < oldest:
            return Page(cursor={"after": note["id"], "watch": []}, more=True)
    if not found:
        return Page(cursor={"after": BEGINNING, "watch": []}, more=True)
    return Page(cursor={"before": found[-1]["id"]}, more=True)


def _forward(this: Round, after: str, watch: Watch) -> Page:
    found = _since(this, after)
    items = [*_new(this, reversed(found), watch)]
    notice = ""
    if found:
        after = found[0]["id"]
    else:
        changes, notice = watch.look(this.server, this.log)
        items = [deletion(change) if isinstance(change, str) else this.pulled(change, EDIT) for change in changes]
    return Page(items=tuple(items), cursor={"after": after, "watch": watch.kept()}, more=bool(found), notice=notice)


def _since(this: Round, after: str) -> list[dict[str, Any]]:
    """What comes right after `after`, newest first.

    A full page may be that of a server that gives the newest instead; then the pages in between are walked back.
    """
    found = [note for note in _notifications(this, min_id=after) if id_order(note["id"]) > id_order(after)]
    while len(found) >= FULL:
        between = _notifications(this, max_id=found[-1]["id"], since_id=after)
        between = [note for note in between if id_order(after) < id_order(note["id"]) < id_order(found[-1]["id"])]
        if not between:
            break
        if len(found) + len(between) > MOST:
            raise Trouble(f"{this.server.host} has more than {MOST} new mentions and gives only the newest of them")
        found += between
    return found


def _new(this: Round, notes: Iterable[Mapping[str, Any]], watch: Watch) -> Iterable[Pulled]:
    """What is new in these notifications, oldest first; a status that was seen before is a later version of it."""
    for note in notes:
        status = note.get("status")
        if note.get("type") != "mention" or not isinstance(status, dict) or not isinstance(status.get("id"), str):
            continue
        seen = watch.version(status["id"])
        if seen is None:
            yield this.pulled(status, STATUS)
        elif seen != Watch.version_of(status):
            yield this.pulled(status, EDIT)
        watch.saw(status)


def _notifications(this: Round, **window: str | None) -> list[dict[str, Any]]:
    """One page of notifications, newest first; `types` spares us the rest, where the server knows it."""
    found = this.server.ask(this.server.api.notifications, types=["mention"], limit=PAGE, **window)
    if isinstance(found, list):
        # Some servers give numbers; an id is an id.
        found = [_with_text_ids(note) for note in found]
    if not isinstance(found, list) or not all(isinstance(note, dict) and _is_id(note.get("id")) for note in found):
        raise Trouble(f"{this.server.host} sent something that is no list of notifications")
    return sorted(found, key=lambda note: id_order(note["id"]), reverse=True)


def deletion(identity: str) -> Pulled:
    """What is stored when a status is gone."""
    return Pulled(json.dumps({"id": identity}).encode(), DELETED, f"deleted:{identity}")


def _with_text_ids(note: Any) -> Any:
    """A notification whose own id and whose status's are texts, where they were whole numbers."""
    if not isinstance(note, dict):
        return note
    status = note.get("status")
    if isinstance(status, dict) and type(status.get("id")) is int:
        status = {**status, "id": str(status["id"])}
    return {**note, "status": status, "id": str(note["id"]) if type(note.get("id")) is int else note.get("id")}


def _is_id(value: Any) -> bool:
    return isinstance(value, str) and value.isalnum()


def id_order(value: str) -> tuple[int, str]:
    """A key that sorts ids by age: numbers by size, other kinds have one length and sort as text."""
    return len(value), value
