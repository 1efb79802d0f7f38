"""What the demo hands in is read by the bundled plugins as it was meant: mails and mentions of every kind."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from voc_plugins.email.reading import failure
from voc_plugins.mastodon import MastodonChannel
from voc_plugins.mastodon import reading as mastodon

from tests.doors.contexts import PlainParsers
from voc.plugin import Deleted, Delivery, Edited, Inbound, Raw, Robot, View
from voc.runtime.demo import mails, mentions
from voc.runtime.demo.data import Voice
from voc.runtime.demo.reading import read_demo

Read = Callable[..., Any]

START = datetime(2026, 3, 4, 15, 0, tzinfo=UTC)
VOICES = {voice.key: voice for voice in read_demo().voices}
MAILS = [voice for voice in VOICES.values() if voice.door == "email"]
MENTIONS = [voice for voice in VOICES.values() if voice.door == "mastodon"]
OURS = "@tienda@social.example"


def mail(voice: Voice, *answers: str) -> bytes:
    at = voice.received_at(START)
    return mails.raw_mail(voice, to="ayuda@aurora.example", at=at, started_at=START, answers=answers)


def status(voice: Voice, kind: str = mentions.STATUS, answers: str = "") -> Any:
    at = voice.received_at(START)
    edited_at = at + timedelta(minutes=40) if kind == mentions.EDIT else None
    body = mentions.deleted(voice)
    if kind != mentions.DELETED:
        body = mentions.status(voice, ours=OURS, at=at, edited_at=edited_at, answers=answers)
    raw = Raw(body, kind, at, mentions.who_we_are(OURS))
    (item,) = MastodonChannel().read(View(parsers=PlainParsers()), raw)
    return item


def test_mails_say_what_the_customer_wrote(read_raw: Read) -> None:
    written = [voice for voice in MAILS if voice.robot is None]
    assert len(written) > 60
    for voice in written:
        item = read_raw(mail(voice), trust_authentication_results=mails.SERVER)
        assert isinstance(item, Inbound), voice.key
        assert item.text == (voice.text or "").strip(), "without what is quoted, without the signature"
        assert item.author is not None
        assert (item.author.email, item.author.name) == (voice.email, voice.name)
        assert item.author.verified is (voice.customer is not None)
        assert item.subject == voice.subject
        assert item.reply_to is not None
        assert item.sent_at is not None
        assert timedelta() <= voice.received_at(START) - item.sent_at < timedelta(seconds=10)


def test_nobody_is_believed_without_our_own_server(read_raw: Read) -> None:
    item = read_raw(mail(VOICES["e001"]), trust_authentication_results="other.example")
    assert item.author.verified is False


def test_an_answer_stays_in_its_conversation(read_raw: Read) -> None:
    first = read_raw(mail(VOICES["e001"]))
    item = read_raw(mail(VOICES["e012"], mails.message_id(VOICES["e001"]), "<ours@voc>"))
    assert item.thread == ("ours@voc", first.names[0])


def test_machines_are_told_from_people(read_raw: Read) -> None:
    kinds = {voice.key: type(read_raw(mail(voice, "<ours@voc>"))) for voice in MAILS if voice.robot}
    assert kinds == {"r001": Robot, "r002": Robot, "r003": Robot, "r005": Robot, "r004": Delivery}


def test_what_came_back_says_which_mail_and_why(read_raw: Read) -> None:
    item = read_raw(mail(VOICES["r004"], "<ours@voc>"))
    assert item == Delivery("<ours@voc>", "failed", mails.CAME_BACK, ("roxana.b@correo.example",))
    assert failure("5.2.2") == mails.CAME_BACK


def test_a_voice_is_the_same_mail_always() -> None:
    assert mail(VOICES["e001"]) == mail(VOICES["e001"])
    assert len({mails.message_id(voice) for voice in MAILS}) == len(MAILS)


def test_mentions_say_what_was_written() -> None:
    for voice in MENTIONS:
        item = status(voice)
        assert isinstance(item, Inbound)
        assert item.text == (voice.text or "").replace("@tienda ", "", 1) or "@tienda" in item.text
        assert item.author is not None
        assert (item.author.handle, item.author.verified) == (voice.handle, True)
        public = voice.public or {}
        assert item.reach == (None if public["visibility"] == "direct" else public["followers"])
        assert item.facts["reblogs"] == public["boosts"]
        assert item.language == voice.language
        assert item.reply_to is not None
    assert len({mentions.status_id(voice.key) for voice in MENTIONS}) == len(MENTIONS)


def test_mentions_answer_change_and_go() -> None:
    parent = mentions.status_id("m026")
    assert status(VOICES["m027"], answers=parent).thread == (parent,)
    edited = status(VOICES["m021"], mentions.EDIT)
    assert isinstance(edited, Edited)
    assert edited.external_id == status(VOICES["m021"]).external_id
    assert "casi 1x1" in (edited.text or "")
    assert status(VOICES["m019"], mentions.DELETED) == Deleted(status(VOICES["m019"]).external_id)


@pytest.mark.parametrize("name", ["STATUS", "EDIT", "DELETED"])
def test_names_are_those_of_the_plugin(name: str) -> None:
    assert getattr(mentions, name) == getattr(mastodon, name)
    assert set(mentions.who_we_are(OURS)) == {mastodon.OWN_ID, mastodon.OWN_NAME, mastodon.OWN_DOMAIN}
