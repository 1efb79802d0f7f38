"""SELECTs of what screens show: lists, counts, answers. Every survey has the index of its own channel."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from voc.core.vocabulary import InvitationState, Metric
from voc.model import Analysis, Channel, Feedback, Invitation, Suppression
from voc.surveys.question import KIND, survey_of
from voc.surveys.views import Reach, Reason, SurveyLine, Unasked

ANSWERED = InvitationState.ANSWERED


def surveys(session: Session) -> list[SurveyLine]:
    """Every survey, newest first."""
    channels = session.scalars(select(Channel).where(Channel.kind == KIND).order_by(Channel.id.desc())).all()
    ids = [channel.id for channel in channels]
    states: dict[UUID, Counter[InvitationState]] = {key: Counter() for key in ids}
    for channel_id, state, n in session.execute(
        select(Invitation.channel_id, Invitation.state, func.count())
        .where(Invitation.channel_id.in_(ids))
        .group_by(Invitation.channel_id, Invitation.state)
    ):
        states[channel_id][state] = n
    counted = session.execute(
        select(Feedback.channel_id, func.count())
        .where(Feedback.channel_id.in_(ids), Feedback.processed_at.is_not(None), Feedback.score.is_not(None))
        .group_by(Feedback.channel_id)
    )
    answers: dict[UUID, int] = {channel_id: n for channel_id, n in counted}  # noqa: C416  (rows are no pairs to mypy)
    return [
        SurveyLine(
            id=channel.id,
            name=channel.name,
            slug=channel.slug,
            active=channel.active,
            health=channel.health,
            metric=metric_of(channel),
            invited=sum(states[channel.id].values()),
            answered=states[channel.id][ANSWERED],
            answers=answers.get(channel.id, 0),
        )
        for channel in channels
    ]


def metric_of(channel: Channel) -> Metric | None:
    """What a survey asks; None until its form was computed."""
    survey = survey_of(channel.form)
    return Metric(survey.scale.metric) if survey and survey.scale.metric in set(Metric) else None


def reach(session: Session, channel_id: UUID) -> Reach:
    """What became of the invitations of one survey."""
    rows = session.execute(
        select(Invitation.state, func.count(), func.count(Invitation.sent_at))
        .where(Invitation.channel_id == channel_id)
        .group_by(Invitation.state)
    ).all()
    left = session.execute(
        select(func.count(Suppression.address_hash))
        .join(Invitation, Invitation.id == Suppression.invitation_id)
        .where(Invitation.channel_id == channel_id)
    ).scalar_one()
    states = {state: n for state, n, _ in rows}
    # Whoever answered was mailed, also when the mark of the mail was lost with the process that sent it.
    mailed = sum(n if state is ANSWERED else sent for state, n, sent in rows)
    return Reach(states, mailed, states.get(ANSWERED, 0), left)


def answers(session: Session, channel_id: UUID) -> dict[Metric, Mapping[int, int]]:
    """How often each score was given, by the question it answered."""
    found: dict[Metric, dict[int, int]] = {}
    for metric, score, n in session.execute(
        select(Feedback.metric, Feedback.score, func.count())
        .where(Feedback.channel_id == channel_id, Feedback.processed_at.is_not(None), Feedback.score.is_not(None))
        .group_by(Feedback.metric, Feedback.score)
    ):
        if metric is not None and score is not None:
            found.setdefault(metric, {})[score] = n
    return dict(found)


def reasons(session: Session, channel_id: UUID, limit: int = 20) -> list[Reason]:
    """The newest answers in words."""
    rows = session.execute(
        select(
            Feedback.id,
            Feedback.text,
            Feedback.score,
            Feedback.stance,
            Feedback.received_at,
            Feedback.author,
            Feedback.language_hint,
            Analysis.language,
        )
        .outerjoin(Analysis, Analysis.id == Feedback.analysis_id)
        .where(Feedback.channel_id == channel_id, Feedback.processed_at.is_not(None), Feedback.text.is_not(None))
        .order_by(Feedback.received_at.desc(), Feedback.id.desc())
        .limit(limit)
    )
    return [
        Reason(
            feedback_id=row.id,
            text=row.text,
            language=row.language or row.language_hint,
            score=row.score,
            stance=row.stance,
            received_at=row.received_at,
            name=(row.author or {}).get("name"),
        )
        for row in rows
    ]


def unasked(session: Session, channel_id: UUID, limit: int = 50) -> Sequence[Unasked]:
    """The newest invitations that were refused, failed, or wait for something, with the reason."""
    rows = session.scalars(
        select(Invitation)
        .where(Invitation.channel_id == channel_id, Invitation.reason.is_not(None))
        .order_by(Invitation.id.desc())
        .limit(limit)
    )
    return [Unasked(it.email, it.name, it.state, it.reason or "", it.begun_at or it.created_at) for it in rows]
