"""Which survey is asked here, and of whom: by the personal link of an invitation, or by the public name of a survey."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import request, url_for

from voc.core.errors import NotFound
from voc.plugin import Form
from voc.surveys import answering, queries
from voc.surveys.queries import Asked, Kept
from voc.surveys.question import KIND, Survey, survey_of
from voc.surveys.token import read_token
from voc.web import here
from voc.web.languages import NAMES, choose
from voc.web.public import ticket as tickets
from voc.web.public.form import channel_of
from voc.web.public.status import PURPOSE
from voc.web.public.ticket import Ticket


@dataclass(frozen=True, slots=True)
class Door:
    """The survey behind an address. `key` is what stands in the address; `asked` None for the public link."""

    key: str
    survey: Survey
    language: str
    channel_id: UUID
    slug: str
    version: int
    active: bool
    asked: Asked | None

    @property
    def reason(self) -> Form:
        """What the second page asks here; no fields: there is none."""
        return self.survey.known if self.asked else self.survey.reason

    def submission(self, ticket: Ticket) -> str:
        """The identity of what is answered here: the invitation, else the page itself."""
        return answering.submission_of(self.asked.id) if self.asked else ticket.submission_id

    def address(self, endpoint: str, **values: Any) -> str:
        """An address of this survey in the language of the reader."""
        return url_for(endpoint, key=self.key, **{"lang": self.language, **values})

    def ticket(self) -> Ticket:
        """A fresh ticket for a page of this survey."""
        return tickets.new(self.version, here.now())

    def carried(self, ticket: Ticket) -> dict[str, str]:
        """What the address of the second page takes along, so that it knows which answer it adds to."""
        return {} if self.asked else {"k": tickets.write(here.runtime().keys, self.key, ticket)}

    def thanks(self, code: str) -> str:
        """The address of the thank-you page."""
        return self.address("public.thanked", c=code, s=here.runtime().keys.sign(PURPOSE, code))

    def kept(self, submission_id: str) -> Kept | None:
        """What is stored of a submission already."""
        key = answering.delivery_key(here.runtime().keys, self.channel_id, submission_id)
        with here.runtime().db.reading() as session:
            return queries.kept(session, key)

    @property
    def over(self) -> bool:
        """Whether the time for an answer has passed."""
        return self.asked is not None and here.now() >= self.asked.expires_at

    def languages(self, endpoint: str, **values: Any) -> list[tuple[str, str, str]]:
        """The languages of this survey as (code, its own name, address of the same page); none when there is one."""
        offered = [code for code in self.survey.form.languages if code in NAMES]
        if len(offered) < 2:
            return []
        return [(code, NAMES[code], url_for(endpoint, key=self.key, lang=code, **values)) for code in offered]


def open_door(key: str) -> Door:
    """The survey behind `key`, with the language decided. Raises NotFound for whatever leads to none: a link that we
    did not write, that of somebody forgotten, a name that nothing has."""
    invitation_id = read_token(here.runtime().keys, key)
    if invitation_id is None:
        channel = channel_of(key)
        if channel.kind != KIND:
            raise NotFound
        return _door(key, channel.form, (channel.id, channel.slug, channel.form_version, True), None)
    with here.runtime().db.reading() as session:
        asked = queries.asked(session, invitation_id)
    if asked is None:
        raise NotFound
    return _door(key, asked.form, (asked.channel_id, asked.slug, asked.form_version, asked.active), asked)


def _door(key: str, form: dict[str, Any] | None, channel: tuple[UUID, str, int, bool], asked: Asked | None) -> Door:
    survey = survey_of(form)
    if survey is None:
        raise NotFound
    language = choose(
        asked=request.args.get("lang"),
        own=asked.language if asked else None,
        accepted=request.accept_languages,
        house=here.house().language,
        offered=[code for code in survey.form.languages if code in NAMES] or list(NAMES),
    )
    here.use_language(language)
    channel_id, slug, version, active = channel
    return Door(key, survey, language, channel_id, slug, version, active, asked)
