"""Statements about the tables themselves, made from the models: a new foreign key is checked without a line here."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, Enum, Select, String, Table, and_, exists, literal, or_, select, type_coerce

from voc.delivery.queries import SEND_KIND
from voc.intake.channels import FORM_KIND
from voc.intake.jobs import READ_KIND
from voc.model import (
    AnalysisRun,
    Channel,
    EmbeddingRun,
    Feedback,
    House,
    Invitation,
    Message,
    Receipt,
    RuleRun,
    Topic,
    TopicVersion,
    Work,
    metadata,
)
from voc.pipeline.meaning.run import RUN_KIND
from voc.pipeline.process import KIND
from voc.pipeline.redo.run import KIND as REDO_KIND
from voc.pipeline.verify.check import Check, Scope, check
from voc.routing.again import KIND as AGAIN_KIND
from voc.surveys.queries import SEND_KIND as ASK_KIND

# Columns that hold an id and have no foreign key: circular ones, and those of rows that outlive what they speak of.
MORE_REFERENCES = (
    ("feedback.analysis_id", "analysis"),
    ("feedback.stance_decision_id", "stance_decision"),
    ("case.headline_id", "feedback"),
    ("delivery_key.feedback_id", "feedback"),
    ("possible_duplicate.feedback_id", "feedback"),
    ("house.sla_version_id", "sla_version"),
    ("house.default_team_id", "team"),
    ("house.topic_head_id", "topic_head"),
    ("topic_head.before_id", "topic_head"),
    ("topic.team_id", "team"),
    ("audit_entry.actor_id", "user"),
    ("rule.version_id", "rule_version"),
)
SUBJECTS: dict[str, Any] = {
    READ_KIND: Receipt.id,
    KIND: Feedback.id,
    SEND_KIND: Message.id,
    "cases.answered": Message.id,
    "cases.answer_failed": Message.id,
    FORM_KIND: Channel.id,
    ASK_KIND: Invitation.id,
    AGAIN_KIND: RuleRun.id,
    REDO_KIND: AnalysisRun.id,
    RUN_KIND: EmbeddingRun.id,
}
DANGLING = (
    "Something refers to a {target} that is not there. Restore the missing rows from a backup; "
    "nothing of this can be made up again."
)


def references() -> list[tuple[Column[Any], Column[Any]]]:
    """(referring column, referred key) of every foreign key, and of the ids without one."""
    tables = metadata.tables
    pairs = [
        (column, key.column)
        for table in metadata.sorted_tables
        for column in table.columns
        for key in column.foreign_keys
    ]
    for place, target in MORE_REFERENCES:
        table, column = place.split(".")
        pairs.append((tables[table].columns[column], tables[target].columns["id"]))
    return pairs


def _dangling(column: Column[Any], key: Column[Any]) -> Check:
    own, target = column.table, key.table.alias("target")
    mine = next(iter(own.primary_key)) if isinstance(own, Table) else column

    def find(scope: Scope) -> Select[Any]:
        return (
            select(mine)
            .select_from(own.outerjoin(target, target.c[key.name] == column))
            .where(column.is_not(None), target.c[key.name].is_(None))
        )

    name = f"reference.{own.name}.{column.name}"
    return Check(name, "integrity", DANGLING.format(target=key.table.name), find)


def _closed_word(column: Column[Any]) -> Check:
    assert isinstance(column.type, Enum)  # noqa: S101  (callers filter)
    own, words = column.table, list(column.type.enums)
    mine = next(iter(own.primary_key)) if isinstance(own, Table) else column

    def find(scope: Scope) -> Select[Any]:
        return select(mine).where(column.is_not(None), type_coerce(column, String).not_in(words))

    return Check(
        f"word.{own.name}.{column.name}",
        "integrity",
        f"The word in {own.name}.{column.name} means nothing to this version. Restore the row, or upgrade voc.",
        find,
    )


@check("work.subject", "integrity")
def work_subject(scope: Scope) -> Select[Any]:
    """Work is about something that is not there. Restore it, or delete the work."""
    gone = [and_(Work.kind == kind, ~exists().where(key == Work.subject_id)) for kind, key in SUBJECTS.items()]
    return select(Work.id).where(or_(*gone))


@check("house.setup", "integrity")
def house_setup(scope: Scope) -> Select[Any]:
    """The house has no targets or no default team: nothing can be processed. Restore it."""
    stands = exists().where(House.sla_version_id.is_not(None), House.default_team_id.is_not(None))
    return select(literal("house")).where(~stands)


@check("topic.version", "integrity")
def topic_version(scope: Scope) -> Select[Any]:
    """A topic is not what its newest version says. Restore a version on its page."""
    written = and_(TopicVersion.topic_id == Topic.id, TopicVersion.number == Topic.number)
    newer = and_(TopicVersion.topic_id == Topic.id, TopicVersion.number > Topic.number)
    same = TopicVersion.active == Topic.active
    return select(Topic.id).where(or_(~exists().where(written, same), exists().where(newer)))


def _columns() -> list[Column[Any]]:
    return [column for table in metadata.sorted_tables for column in table.columns]


CHECKS = (
    *(_dangling(column, key) for column, key in references()),
    *(_closed_word(column) for column in _columns() if isinstance(column.type, Enum)),
    work_subject,
    house_setup,
    topic_version,
)
