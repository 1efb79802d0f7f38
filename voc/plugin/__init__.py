"""THE CONTRACT: of voc, the only thing a plugin may import.

Standard library and pluggy, nothing else. What is listed in `__all__` is promised; the rest is ours to change.
"""

from __future__ import annotations

from voc.plugin.action import Action, Deed, Done
from voc.plugin.analyzer import Analyzer, ClauseAnalyzer, Evidence, Sentiment, SentimentLabel
from voc.plugin.calls import Accepted, HttpCall, Refused, Reply, Signature, SignatureScheme
from voc.plugin.channel import Channel, Context, Health, Parsers, Store, View
from voc.plugin.command import Command
from voc.plugin.exporter import Exporter
from voc.plugin.facts import CaseFacts, CustomerFacts, FeedbackFacts
from voc.plugin.form import Field, FieldKind, Form, Scale, Texts
from voc.plugin.mail import Mail, MailAddress
from voc.plugin.messages import (
    Attachment,
    Author,
    Deleted,
    Delivery,
    Edited,
    Fate,
    Ignored,
    Inbound,
    Metric,
    Misconfigured,
    NotHere,
    Outbound,
    Page,
    Pulled,
    Raw,
    ReadItem,
    Robot,
    Sent,
    TryLater,
    Undeliverable,
)
from voc.plugin.notifier import Notice, Notifier
from voc.plugin.offer import Offer
from voc.plugin.options import Option, Options, OptionType
from voc.plugin.schedule import Scheduled
from voc.plugin.slot import Panel, Row, Slot, SlotPlace
from voc.plugin.spec import hookimpl

CONTRACT = 1

__all__ = [
    "CONTRACT",
    "Accepted",
    "Action",
    "Analyzer",
    "Attachment",
    "Author",
    "CaseFacts",
    "Channel",
    "ClauseAnalyzer",
    "Command",
    "Context",
    "CustomerFacts",
    "Deed",
    "Deleted",
    "Delivery",
    "Done",
    "Edited",
    "Evidence",
    "Exporter",
    "Fate",
    "FeedbackFacts",
    "Field",
    "FieldKind",
    "Form",
    "Health",
    "HttpCall",
    "Ignored",
    "Inbound",
    "Mail",
    "MailAddress",
    "Metric",
    "Misconfigured",
    "NotHere",
    "Notice",
    "Notifier",
    "Offer",
    "Option",
    "OptionType",
    "Options",
    "Outbound",
    "Page",
    "Panel",
    "Parsers",
    "Pulled",
    "Raw",
    "ReadItem",
    "Refused",
    "Reply",
    "Robot",
    "Row",
    "Scale",
    "Scheduled",
    "Sent",
    "Sentiment",
    "SentimentLabel",
    "Signature",
    "SignatureScheme",
    "Slot",
    "SlotPlace",
    "Store",
    "Texts",
    "TryLater",
    "Undeliverable",
    "View",
    "hookimpl",
]
