"""Servers that lie, stumble, dribble or flood: no mail is lost, and every visit ends."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from voc_plugins.email import Email, inbox
from voc_plugins.email.cursor import Cursor
from voc_plugins.email.fetching import NOT_GIVEN
from voc_plugins.email.inbox import answers, ranges

from tests.doors.mail.fake_imap import FakeImap
from tests.doors.mail.polling import Poller, mail
from voc.plugin import Context, Misconfigured, TryLater

Make = Callable[..., Context]


@pytest.fixture
def fake() -> Iterator[FakeImap]:
    """A server with nine mails."""
    found = FakeImap({uid: mail(uid) for uid in range(1, 10)})
    yield found
    found.close()


@pytest.fixture
def poller(context: Make, fake: FakeImap) -> Poller:
    """Polls it."""
    return Poller(context(imap_port=fake.port))


@pytest.mark.parametrize("way", ["uid_last", "quoted"])
def test_every_way_to_answer_counts(poller: Poller, fake: FakeImap, way: str) -> None:
    if way == "quoted":
        fake.mails = {uid: b"Subject: %d" % uid for uid in fake.mails}
    setattr(fake, way, True)
    poller.visit()
    assert [item.body for item in poller.items] == list(fake.mails.values())


def test_it_only_looks(poller: Poller, fake: FakeImap) -> None:
    poller.visit()
    said = b"".join(fake.heard).upper()
    assert b"EXAMINE" in said
    assert b"BODY.PEEK[]" in said
    for word in (b"SELECT", b"STORE", b"EXPUNGE", b"DELETE", b"BODY[]", b"CLOSE", b"MOVE"):
        assert word not in said


def test_a_mail_that_is_listed_and_not_given_is_asked_for_again(poller: Poller, fake: FakeImap) -> None:
    fake.withheld = {4}
    poller.visit()
    assert poller.uids == [1, 2, 3, 5, 6, 7, 8, 9]
    assert "does not give" in poller.notices[-1]
    fake.withheld = set()
    fake.mails[10] = mail(10)
    poller.visit()
    assert sorted(poller.uids) == list(range(1, 11))
    assert poller.notices[-1] == ""


def test_one_that_is_never_given_is_reported_after_a_day(poller: Poller, fake: FakeImap, now: Any) -> None:
    fake.refused = {4}
    for _ in range(3):
        poller.visit()
    assert sorted(poller.uids) == [1, 2, 3, 5, 6, 7, 8, 9]
    now.at += timedelta(hours=25)
    (last,) = poller.visit()
    assert (last.content_type, last.delivery_id) == (NOT_GIVEN, "7:4")
    assert poller.visit() == []
    assert poller.notices[-1] == ""


def test_a_mail_that_kills_the_connection_keeps_nobody_waiting(poller: Poller, fake: FakeImap) -> None:
    fake.deadly = {4}
    for _ in range(8):
        poller.visit()
    assert sorted(poller.uids) == [1, 2, 3, 5, 6, 7, 8, 9]
    fake.mails[10] = mail(10)
    poller.visit()
    assert 10 in poller.uids
    fake.deadly = set()
    poller.visit()
    assert sorted(poller.uids) == list(range(1, 11))


def test_a_mail_that_shows_up_late_is_fetched(poller: Poller, fake: FakeImap) -> None:
    fake.hidden = {3, 7}
    poller.visit()
    assert poller.uids == [1, 2, 4, 5, 6, 8, 9]
    fake.hidden = {7}
    poller.visit()
    fake.hidden = set()
    fake.mails[10] = mail(10)
    poller.visit()
    assert sorted(poller.uids) == list(range(1, 11))


def test_a_server_that_names_no_next_number(poller: Poller, fake: FakeImap) -> None:
    fake.next_uid = 0
    poller.visit()
    assert poller.visit() == []
    fake.mails[12] = mail(12)
    poller.visit()
    assert poller.uids == [*range(1, 10), 12]


def test_a_hole_of_millions_is_crossed(poller: Poller, fake: FakeImap) -> None:
    fake.mails = {5: mail(5), 4_000_000_000: mail(6)}
    poller.visit()
    assert poller.uids == [5, 4_000_000_000]
    assert len(fake.heard) < 60


def test_mails_that_vanish_while_they_are_fetched(poller: Poller, fake: FakeImap) -> None:
    def vanish(tag: bytes, command: bytes) -> bytes | None:
        if command.upper().startswith(b"UID FETCH") and b"BODY" in command:
            fake.mails.pop(6, None)
        return None

    fake.answer = vanish
    poller.visit()
    poller.visit()
    assert poller.uids == [1, 2, 3, 4, 5, 7, 8, 9]
    assert poller.notices[-1] == ""


@pytest.mark.parametrize(
    "lie",
    [
        b"* 1 FETCH (UID 1 BODY[] {99999999999}\r\nx",
        b"* 1 FETCH (UID 1 BODY[] {2000000000}\r\n" + b"x" * 1000,
        b"* " + b"x" * 17_000_000,
        b"* OK noise\r\n" * 2_000_000,
        b"\x00\xff\x00 nonsense\r\n",
        b"* BYE enough\r\n",
    ],
    ids=["huge literal", "large literal", "line without end", "flood", "nonsense", "goodbye"],
)
def test_a_lie_ends_the_visit_and_costs_no_mail(poller: Poller, fake: FakeImap, lie: bytes) -> None:
    def lying(tag: bytes, command: bytes) -> bytes | None:
        return lie if command.upper().startswith(b"UID FETCH") and b"BODY" in command else None

    fake.answer = lying
    with suppress(TryLater):
        poller.page()
    assert poller.items == []
    fake.answer = lambda tag, command: None
    for _ in range(12):
        poller.visit()
    assert sorted(poller.uids) == list(range(1, 10))


@pytest.mark.parametrize("word", [b"NO [UNAVAILABLE] later", b"NO [AUTHENTICATIONFAILED] no", b"BAD what", b"NO sorry"])
def test_a_refused_sign_in_says_what_to_do(poller: Poller, fake: FakeImap, word: bytes) -> None:
    fake.answer = lambda tag, command: tag + b" " + word + b"\r\n" if command.startswith(b"LOGIN") else None
    with pytest.raises(TryLater if b"UNAVAILABLE" in word else Misconfigured) as caught:
        poller.page()
    assert "secreto" not in str(caught.value)


def test_a_server_that_dribbles_is_left(context: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inbox, "WHOLE", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=_dribble, args=(listener,))
        thread.start()
        began = time.monotonic()
        with pytest.raises(TryLater):
            Email().fetch(context(imap_port=listener.getsockname()[1]), None)
        assert time.monotonic() - began < 8
        thread.join(timeout=10)


def _dribble(listener: socket.socket) -> None:
    connection, _ = listener.accept()
    connection.settimeout(0.05)
    with connection, suppress(OSError):
        for _ in range(400):
            connection.sendall(b"*")
            with suppress(TimeoutError):
                if not connection.recv(100):
                    return


def test_a_cursor_that_means_nothing_is_a_beginning() -> None:
    for stored in ({}, {"uid": "x", "validity": -1, "gaps": ["a"], "owed": 3, "cut": [1], "told": "x"}, {"uid": True}):
        cursor = Cursor.of(stored)
        assert (cursor.uid, cursor.validity, cursor.owed, cursor.told) == (0, 0, {}, ("", ""))
    full = Cursor(7, 20, "01-Mar-2026", 30, [18], {4: "2026-03-01T00:00:00+00:00"}, (21, 2), ("a", "b"), {20: "5 x"})
    assert Cursor.of(full.saved()) == full


def test_sets_and_answers() -> None:
    assert ranges([9, 1, 2, 3, 7]) == "1:3,7,9"
    data = [(b"1 (UID 5 BODY[] {4}", b"hola"), b")", b"2 (UID 6 FLAGS ())", None, (b"3 (BODY[] {1}", b"x"), b" UID 7)"]
    assert list(answers(data)) == [
        (b"1 (UID 5 BODY[] {4})", b"hola"),
        (b"2 (UID 6 FLAGS ())", None),
        (b"3 (BODY[] {1} UID 7)", b"x"),
    ]
