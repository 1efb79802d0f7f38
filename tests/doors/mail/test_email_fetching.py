"""Fetching from a real Dovecot: nothing lost, nothing twice, nothing changed in the mailbox."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from voc_plugins.email import Email
from voc_plugins.email.fetching import MAIL, TOO_LARGE

from tests.doors.mail.mail_server import CuttingProxy, Dovecot, free_port
from tests.doors.mail.polling import Poller, mail
from voc.plugin import Context, Misconfigured, TryLater

Make = Callable[..., Context]


def test_every_mail_once_page_by_page(mailbox: Any, context: Make, dovecot: Dovecot, user: str) -> None:
    sent = [mail(number) for number in range(1, 13)]
    mailbox(*sent)
    before = dovecot.flags(user)
    poller = Poller(context(page_mails=5))
    poller.visit()
    assert [item.body for item in poller.items] == sent
    assert len({item.delivery_id for item in poller.items}) == 12
    assert {item.content_type for item in poller.items} == {MAIL}
    assert poller.visit() == []
    assert dovecot.flags(user) == before
    assert set(poller.notices) == {""}

    mailbox(mail(13))
    assert [item.body for item in poller.visit()] == [mail(13)]


def test_an_empty_mailbox(mailbox: Any, context: Make) -> None:
    mailbox()
    poller = Poller(context())
    assert poller.visit() == []
    assert poller.failures == []


def test_after_a_long_outage_everything_comes(mailbox: Any, context: Make) -> None:
    mailbox(mail(1))
    poller = Poller(context(page_mails=40))
    poller.visit()
    mailbox(*[mail(number) for number in range(2, 131)])
    poller.visit()
    assert sorted(poller.uids) == list(range(1, 131))


@pytest.mark.parametrize("cut_after", [0, 1, 60, 400, 700, 1500, 2500, 4000, 9000, 20_000])
def test_a_connection_cut_anywhere_loses_nothing(
    mailbox: Any, context: Make, proxy: CuttingProxy, cut_after: int
) -> None:
    sent = [mail(number, "hola " * 40 * number) for number in range(1, 9)]
    mailbox(*sent)
    poller = Poller(context(imap_port=proxy.port, page_mails=5))
    for more in range(4):
        proxy.cut_after = cut_after + 100 * more
        poller.visit()
    proxy.cut_after = None
    for _ in range(3):
        poller.visit()
    assert sorted(item.body for item in poller.items) == sorted(sent)
    assert len(poller.items) == len(sent)
    assert all(0 < len(text) < 300 for text in poller.failures)
    assert poller.notices[-1] == ""


def test_a_broken_visit_says_so_and_keeps_what_it_got(mailbox: Any, context: Make, proxy: CuttingProxy) -> None:
    mailbox(*[mail(number, "x" * 2_000_000) for number in range(1, 5)])
    poller = Poller(context(imap_port=proxy.port))
    proxy.cut_after = 6_500_000
    poller.visit()
    assert 0 < len(poller.items) < 4
    assert "connection broke" in poller.notices[-1]
    proxy.cut_after = None
    poller.visit()
    poller.visit()
    assert sorted(poller.uids) == [1, 2, 3, 4]
    assert poller.notices[-1] == ""


def test_wrong_password_and_unknown_folder_are_for_a_person(mailbox: Any, context: Make) -> None:
    mailbox()
    with pytest.raises(Misconfigured, match="refused user name or password"):
        Email().fetch(context(imap_password="falsch"), None)
    with pytest.raises(Misconfigured, match="no folder Quejas"):
        Email().fetch(context(imap_folder="Quejas"), None)
    with pytest.raises(Misconfigured, match="user name or password"):
        Email().fetch(context(imap_password="contraseña"), None)


def test_nobody_there_is_for_later(context: Make) -> None:
    with pytest.raises(TryLater, match="nothing listens"):
        Email().fetch(context(imap_port=free_port()), None)


def test_a_folder_made_anew_is_fetched_from_its_beginning(
    mailbox: Any, context: Make, dovecot: Dovecot, user: str, now: Any
) -> None:
    mailbox(mail(1), mail(2), mail(3), folder="Reclamos")
    poller = Poller(context(imap_folder="Reclamos"))
    poller.visit()
    with dovecot.signed_in(user) as client:
        client.delete("Reclamos")
    mailbox(mail(2), mail(4), folder="Reclamos")
    found = poller.visit()
    assert [item.body for item in found] == [mail(2), mail(4)]
    assert len({item.delivery_id for item in poller.items}) == 5
    assert "made anew" in poller.notices[-1]
    # A person has a day to read it.
    poller.visit()
    assert "made anew" in poller.notices[-1]
    now.at += timedelta(days=2)
    poller.visit()
    assert poller.notices[-1] == ""


def test_a_server_that_went_back_is_fetched_again(mailbox: Any, context: Make) -> None:
    mailbox(mail(1), mail(2), mail(3))
    poller = Poller(context())
    poller.visit()
    # As if voc had seen more than the restored server has.
    assert poller.cursor is not None
    poller.cursor = {**poller.cursor, "uid": 40}
    assert len(poller.visit()) == 3
    assert "older state" in poller.notices[-1]


def test_numbers_that_stand_for_other_mails_are_noticed(mailbox: Any, context: Make) -> None:
    """A restored server that went past our place before we came back."""
    mailbox(mail(1), mail(2), mail(3))
    poller = Poller(context())
    poller.visit()
    assert poller.cursor is not None
    poller.cursor = {**poller.cursor, "uid": 2, "marks": {"2": "99 01-Jan-2020 00:00:00 +0000"}}
    assert [item.body for item in poller.visit()] == [mail(1), mail(2), mail(3)]
    assert "older state" in poller.notices[-1]


def test_mails_deleted_meanwhile_are_no_gap(mailbox: Any, context: Make, dovecot: Dovecot, user: str) -> None:
    mailbox(*[mail(number) for number in range(1, 7)])
    with dovecot.signed_in(user) as client:
        client.select("INBOX")
        client.store("2:4", "+FLAGS", r"(\Deleted)")
        client.expunge()
    poller = Poller(context(page_mails=2))
    poller.visit()
    assert poller.uids == [1, 5, 6]
    assert poller.notices[-1] == ""


def test_a_mail_that_is_too_large_is_reported_and_the_others_come(mailbox: Any, context: Make) -> None:
    mailbox(mail(1), mail(2, "x" * 1_100_000), mail(3))
    poller = Poller(context(largest_megabytes=1))
    poller.visit()
    assert [item.content_type for item in poller.items] == [MAIL, TOO_LARGE, MAIL]
    assert b"Subject: mail 2" in poller.items[1].body
    assert b"xxx" not in poller.items[1].body
    assert poller.items[1].headers["uid"] == "2"


def test_only_the_last_days_at_first(mailbox: Any, context: Make, dovecot: Dovecot, user: str, now: Any) -> None:
    with dovecot.signed_in(user) as client:
        for number, day in ((1, "01-Jan-2020"), (2, "03-Mar-2026"), (3, "02-Feb-2021")):
            client.append("INBOX", None, f'"{day} 10:00:00 +0000"', mail(number))  # type: ignore[arg-type]
    poller = Poller(context(first_days=30))
    poller.visit()
    assert poller.uids == [2]
    with dovecot.signed_in(user) as client:
        client.append("INBOX", None, '"01-Jan-2019 10:00:00 +0000"', mail(4))  # type: ignore[arg-type]
    poller.visit()
    poller.visit()
    # What comes later is wanted whatever its date says.
    assert poller.uids == [2, 4]


def test_folders_with_accents(mailbox: Any, context: Make) -> None:
    mailbox(mail(1), folder='"Atenci&APM-n"')
    assert len(Poller(context(imap_folder="Atención")).visit()) == 1


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_encrypted(
    mailbox: Any, context: Make, dovecot: Dovecot, certificate: Path, monkeypatch: pytest.MonkeyPatch, security: str
) -> None:
    mailbox(mail(1))
    port = dovecot.tls_port if security == "tls" else dovecot.port
    if security == "starttls":
        with pytest.raises(Misconfigured, match="certificate"):
            Email().fetch(context(imap_security=security, imap_port=port), None)
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    assert len(Poller(context(imap_security=security, imap_port=port)).visit()) == 1


def test_plain_where_tls_was_meant_is_said(context: Make, dovecot: Dovecot) -> None:
    with pytest.raises((Misconfigured, TryLater)):
        Email().fetch(context(imap_security="tls", imap_port=dovecot.port), None)


def test_without_a_mailbox_there_is_nothing_to_fetch(context: Make) -> None:
    page = Email().fetch(context(imap_host=""), None)
    assert (page.items, page.cursor, page.more) == ((), None, False)
