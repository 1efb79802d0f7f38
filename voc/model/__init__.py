"""Every table, one file per aggregate; no queries, no I/O. `info={"personal": True}` marks personal data."""

from __future__ import annotations

from voc.db.types import Base
from voc.model.audit import AuditEntry
from voc.model.case import Case, CaseEvent, Escalation, Note
from voc.model.channel import Channel
from voc.model.customer import ContactPoint, Customer, Identity
from voc.model.feedback import Analysis, Feedback, StanceDecision
from voc.model.house import Counter, House, SlaVersion, Topic
from voc.model.message import Message
from voc.model.obligation import Judgement, Obligation
from voc.model.receipt import DeliveryKey, Receipt
from voc.model.user import ApiToken, Role, SignInLink, Team, TeamMember, User, user_role
from voc.model.work import Schedule, Work

metadata = Base.metadata

__all__ = [
    "Analysis",
    "ApiToken",
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
    "House",
    "Identity",
    "Judgement",
    "Message",
    "Note",
    "Obligation",
    "Receipt",
    "Role",
    "Schedule",
    "SignInLink",
    "SlaVersion",
    "StanceDecision",
    "Team",
    "TeamMember",
    "Topic",
    "User",
    "Work",
    "metadata",
    "user_role",
]
