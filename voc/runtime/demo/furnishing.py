"""The demo's house: brand, calendar, teams, people and forms, written in one transaction before anybody speaks."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from voc.cases.clock import Sla
from voc.core.calendar import Calendar
from voc.core.ids import new_id
from voc.core.vocabulary import RoleName
from voc.intake.channels import add_channel
from voc.model import SlaVersion, Team, TeamMember
from voc.plugin_host import PluginHost
from voc.runtime.demo import queries
from voc.runtime.demo.data import Demo
from voc.security import queries as people
from voc.security import users


def furnish_demo(session: Session, host: PluginHost, demo: Demo, *, now: datetime) -> None:
    """Turn a new house into the demo's. The first administrator and the first form stay as they are.

    Its SLA version keeps the targets of the house and takes the demo's calendar; when it was made is the moment
    from which everything in the demo counts back. Raises Invalid, with everything undone by the caller, when a name
    is taken.
    """
    house = queries.house(session)
    targets = Sla.from_definition(queries.sla_version(session, house.sla_version_id).definition)
    sla = SlaVersion(
        id=new_id(),
        name=demo.brand["name"],
        definition=replace(targets, calendar=Calendar.from_dict(demo.calendar)).to_definition(),
        created_at=now,
    )
    session.add(sla)
    session.flush()
    house.name, house.short_name = demo.brand["name"], demo.brand["short"]
    house.language, house.zone = demo.brand["language"], demo.brand["zone"]
    house.sla_version_id = sla.id
    house.demo_total, house.demo_done = demo.total, 0
    ids = _people(session, demo, now)
    _teams(session, demo, ids, house.default_team_id, now)
    for form in demo.forms:
        options = {
            "metric": form["metric"],
            "languages": form["languages"],
            "title": json.dumps(form["title"], ensure_ascii=False),
            "question": json.dumps(form["question"], ensure_ascii=False),
        }
        name = form["title"][house.language]
        add_channel(session, host, kind=form["kind"], name=name, slug=form["slug"], options=options, now=now)


def _people(session: Session, demo: Demo, now: datetime) -> dict[str, UUID]:
    """Ids by address; nobody has a password, so nobody can sign in as one of them without a link."""
    ids: dict[str, UUID] = {}
    for person in demo.users:
        known = people.user_by_email(session, person["email"])
        found = known or users.add(
            session,
            email=person["email"],
            name=person["name"],
            role=RoleName(person["role"]),
            language=person["language"],
            now=now,
        )
        ids[person["email"]] = found.id
    return ids


def _teams(session: Session, demo: Demo, ids: dict[str, UUID], default_id: UUID | None, now: datetime) -> None:
    """The first team is the house's own, under its new name."""
    known = queries.teams(session)
    own = next((team for team in known.values() if team.id == default_id), None)
    for number, item in enumerate(demo.teams):
        team = known.get(item["name"]) or (own if number == 0 else None)
        if team is None:
            team = Team(id=new_id(), name=item["name"], lead_id=None, created_at=now)
            session.add(team)
        team.name, team.lead_id = item["name"], ids[item["lead"]]
        session.flush()
        session.add_all(TeamMember(team_id=team.id, user_id=ids[member]) for member in item["members"])
        for topic in queries.topics(session, item["topics"]):
            topic.team_id = team.id
    session.flush()
