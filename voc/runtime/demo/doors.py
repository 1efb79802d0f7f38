"""Handing in what is said in the demo, each thing through its own door, as it would come from outside."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from voc.core.errors import NotFound
from voc.core.vocabulary import Door
from voc.intake.arrive import arrive
from voc.intake.changing import delete
from voc.intake.incoming import Incoming
from voc.intake.submit import submit
from voc.runtime.demo import mails, mentions, queries
from voc.runtime.demo.data import Demo, Voice
from voc.runtime.demo.history import came_back
from voc.runtime.demo.plan import Saying
from voc.runtime.demo.queries import Said
from voc.surveys import queries as surveys
from voc.surveys.answering import give_score, submission_of

if TYPE_CHECKING:
    from voc.runtime import Runtime

FORM_VERSION = 1


@dataclass(frozen=True, slots=True)
class Doors:
    """The open doors of one house. `channels`: ids by public name; `invitations`: ids by the key of the answer."""

    runtime: Runtime
    demo: Demo
    started_at: datetime
    channels: Mapping[str, UUID]
    invitations: Mapping[str, UUID]

    def delivery_id(self, saying: Saying) -> str:
        """By what the receipt of it is known: handed in twice it is there once."""
        voice = saying.voice
        if voice.door == "survey":
            return submission_of(self.invitations[voice.key])
        return voice.submission_id if saying.kind == "say" else f"{voice.submission_id}-{saying.kind}"

    def hand_in(self, saying: Saying, earlier: Said | None) -> None:
        """Store what is said; twice is once. `earlier` is what it answers, with what we had said to it ourselves.

        Raises Busy when the database cannot be written.
        """
        door = {"form": self._form, "survey": self._survey, "email": self._mail, "mastodon": self._mention}
        door.get(saying.voice.door, self._call)(saying, earlier)

    def _form(self, saying: Saying, _earlier: Said | None) -> None:
        voice = saying.voice
        submit(
            self.runtime.writer,
            self.runtime.keys,
            channel_id=self.channels[voice.channel],
            submission_id=voice.submission_id,
            form_version=FORM_VERSION,
            language=voice.language,
            values=voice.values(),
            now=saying.at,
        )

    def _survey(self, saying: Saying, _earlier: Said | None) -> None:
        """Score and reason together, by the link of the invitation."""
        voice = saying.voice
        with self.runtime.db.reading() as session:
            asked = surveys.asked(session, self.invitations[voice.key])
        if asked is None:
            raise NotFound(f"nobody was invited to say {voice.key}")
        give_score(
            self.runtime.writer,
            self.runtime.keys,
            channel_id=asked.channel_id,
            submission_id=submission_of(asked.id),
            form_version=FORM_VERSION,
            language=voice.language,
            values=voice.values(),
            now=saying.at,
            asked=asked,
        )

    def _mail(self, saying: Saying, earlier: Said | None) -> None:
        voice = saying.voice
        if voice.robot == "bounce" and earlier is not None and earlier.feedback_id is not None:
            with self.runtime.db.writing(patience=30) as session:
                came_back(session, earlier.feedback_id, reason=mails.CAME_BACK, at=saying.at)
        answers = [mails.message_id(earlier.voice)] if earlier is not None and earlier.voice.door == "email" else []
        answers += [earlier.header_id] if earlier is not None and earlier.header_id else []
        to = next(item["address"] for item in self.demo.mailboxes if item["slug"] == voice.channel)
        body = mails.raw_mail(voice, to=to, at=saying.at, started_at=self.started_at, answers=answers)
        self._arrive(saying, Door.PIPE, body, mails.CONTENT_TYPE, {})

    def _mention(self, saying: Saying, earlier: Said | None) -> None:
        voice = saying.voice
        ours = next(item["handle"] for item in self.demo.accounts if item["slug"] == voice.channel)
        if saying.kind == "delete":
            with self.runtime.db.writing(patience=30) as session:
                feedback_id = queries.heard(session, [self.channels[voice.channel]]).get(voice.submission_id)
                if feedback_id is not None:
                    delete(session, feedback_id, now=saying.at)
            body, kind = mentions.deleted(voice), mentions.DELETED
        else:
            edited_at = saying.at if saying.kind == "edit" else None
            at = voice.received_at(self.started_at)
            body = mentions.status(voice, ours=ours, at=at, edited_at=edited_at, answers=_status(voice, earlier))
            kind = mentions.EDIT if edited_at else mentions.STATUS
        self._arrive(saying, Door.FETCH, body, kind, mentions.who_we_are(ours))

    def _arrive(self, saying: Saying, door: Door, body: bytes, kind: str, headers: Mapping[str, str]) -> None:
        arrive(
            self.runtime.writer,
            self.runtime.keys,
            door=door,
            channel_id=self.channels[saying.voice.channel],
            body=body,
            content_type=kind,
            now=saying.at,
            delivery_id=self.delivery_id(saying),
            headers=headers,
        )

    def _call(self, saying: Saying, _earlier: Said | None) -> None:
        """As the API takes it in: what the company's own system sends is there to be worked on at once."""
        voice = saying.voice
        channel_id = self.channels[voice.channel]
        feedback = columns(voice, self.demo.unit_name(voice.unit))
        body = json.dumps(feedback, ensure_ascii=False, sort_keys=True).encode()
        self.runtime.writer.accept(
            Incoming(
                door=Door.API,
                channel_id=channel_id,
                content_type="application/json",
                body=body,
                received_at=saying.at,
                content_hash=hashlib.sha256(body).digest(),
                key=self.runtime.keys.hash("api", channel_id.bytes, voice.submission_id),
                delivery_id=voice.submission_id,
                feedback=feedback,
            )
        )


def _status(voice: Voice, earlier: Said | None) -> str:
    """The status that a mention answers: ours when it is the same person who goes on, else theirs."""
    if earlier is None or earlier.voice.door != "mastodon":
        return ""
    if earlier.external_id and earlier.voice.handle == voice.handle:
        return earlier.external_id
    return mentions.status_id(earlier.voice.key)


def columns(voice: Voice, unit: str | None) -> dict[str, Any]:
    """The columns of the feedback row; an id of the company's own system is verified, because it vouches for it."""
    author = None
    if voice.external_id is not None:
        author = {"name": voice.name, "email": None, "phone": None, "external_id": voice.external_id, "verified": True}
    return {
        "text": voice.text,
        "metric": voice.metric,
        "score": voice.score,
        "language_hint": voice.language,
        "sent_at": None,
        "author": author,
        "consent": voice.consent,
        "unit": unit,
        "facts": dict(voice.facts),
    }
