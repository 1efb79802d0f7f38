"""Every table, one file per aggregate; no queries, no I/O. `info={"personal": True}` marks personal data."""

from __future__ import annotations

from voc.db.types import Base
from voc.model.audit import AuditEntry
from voc.model.case import Case, CaseEvent, Escalation, Note
from voc.model.channel import Channel
from voc.model.customer import ContactPoint, Customer, Identity, PossibleDuplicate
from voc.model.embedding import EmbeddingRun, FeedbackEmbedding
from voc.model.feedback import Analysis, Attachment, Feedback, FeedbackEdit, StanceDecision, ThreadName
from voc.model.hook import WebhookDelivery, WebhookEndpoint
from voc.model.house import Counter, House, SlaVersion
from voc.model.invitation import Invitation, Suppression
from voc.model.message import Message
from voc.model.obligation import Judgement, Obligation
from voc.model.panel import SlotPanel
from voc.model.phrase import Emerging, FeedbackPhrase, PhraseState, RollupPhrase
from voc.model.plugin import PluginChoice, PluginReport, PluginSchedule, PluginSetting
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
from voc.model.rule import FeedbackTag, Rule, RuleDeed, RuleMatch, RuleRun, RuleVersion
from voc.model.run import Backrun
from voc.model.taxonomy import AnalysisRun, Topic, TopicHead, TopicVersion
from voc.model.user import ApiToken, Role, SignInLink, Team, TeamMember, User, user_role
from voc.model.work import Schedule, Work

metadata = Base.metadata

__all__ = [
    "Analysis",
    "AnalysisRun",
    "ApiToken",
    "Attachment",
    "AuditEntry",
    "Backrun",
    "Base",
    "Case",
    "CaseEvent",
    "Channel",
    "ContactPoint",
    "Counter",
    "Customer",
    "DeliveryKey",
    "EmbeddingRun",
    "Emerging",
    "Escalation",
    "Feedback",
    "FeedbackEdit",
    "FeedbackEmbedding",
    "FeedbackPhrase",
    "FeedbackTag",
    "FeedbackTopic",
    "House",
    "Identity",
    "Invitation",
    "Judgement",
    "Message",
    "Note",
    "Obligation",
    "PhraseState",
    "PluginChoice",
    "PluginReport",
    "PluginSchedule",
    "PluginSetting",
    "PossibleDuplicate",
    "Proof",
    "Receipt",
    "Role",
    "RollupIntake",
    "RollupMark",
    "RollupPhrase",
    "RollupScore",
    "RollupStance",
    "RollupState",
    "RollupTopic",
    "Rule",
    "RuleDeed",
    "RuleMatch",
    "RuleRun",
    "RuleVersion",
    "Schedule",
    "SignInLink",
    "SlaVersion",
    "SlotPanel",
    "StanceDecision",
    "Suppression",
    "Team",
    "TeamMember",
    "ThreadName",
    "Topic",
    "TopicHead",
    "TopicVersion",
    "User",
    "WebhookDelivery",
    "WebhookEndpoint",
    "Work",
    "metadata",
    "user_role",
]
