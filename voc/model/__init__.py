"""Every table, one file per aggregate; no queries, no I/O. `info={"personal": True}` marks personal data."""

from __future__ import annotations

from voc.db.types import Base
from voc.model.audit import AuditEntry
from voc.model.case import Case, CaseEvent, Escalation, Note
from voc.model.channel import Channel
from voc.model.customer import ContactPoint, Customer, Identity, PossibleDuplicate
from voc.model.feedback import Analysis, Attachment, Feedback, FeedbackEdit, StanceDecision, ThreadName
from voc.model.hook import WebhookDelivery, WebhookEndpoint
from voc.model.house import Counter, House, SlaVersion, Topic
from voc.model.invitation import Invitation, Suppression
from voc.model.message import Message
from voc.model.obligation import Judgement, Obligation
from voc.model.receipt import DeliveryKey, Receipt
from voc.model.rollup import (
    FeedbackTopic,
    Proof,
    RollupIntake,
    RollupMark,
    RollupScore,
    RollupStance,
    RollupState,
    RollupTopic,
)
from voc.model.rule import FeedbackTag, Rule, RuleMatch, RuleRun, RuleVersion
from voc.model.user import ApiToken, Role, SignInLink, Team, TeamMember, User, user_role
from voc.model.work import Schedule, Work

metadata = Base.metadata

__all__ = [
    "Analysis",
    "ApiToken",
    "Attachment",
    "AuditEntry",
    "Base",
    "Case",
    "CaseEvent",
    "Channel",
    "ContactPoint",
    "Counter",
    "Customer",
    "DeliveryKey",
    "Escalation",
    "Feedback",
    "FeedbackEdit",
    "FeedbackTag",
    "FeedbackTopic",
    "House",
    "Identity",
    "Invitation",
    "Judgement",
    "Message",
    "Note",
    "Obligation",
    "PossibleDuplicate",
    "Proof",
    "Receipt",
    "Role",
    "RollupIntake",
    "RollupMark",
    "RollupScore",
    "RollupStance",
    "RollupState",
    "RollupTopic",
    "Rule",
    "RuleMatch",
    "RuleRun",
    "RuleVersion",
    "Schedule",
    "SignInLink",
    "SlaVersion",
    "StanceDecision",
    "Suppression",
    "Team",
    "TeamMember",
    "ThreadName",
    "Topic",
    "User",
    "WebhookDelivery",
    "WebhookEndpoint",
    "Work",
    "metadata",
    "user_role",
]
