"""THE CONTRACT: of voc, the only thing a plugin may import.

Standard library and pluggy, nothing else. What is listed in `__all__` is promised; the rest is ours to change.
"""

from __future__ import annotations

from voc.plugin.analyzer import Analyzer, ClauseAnalyzer, Evidence, Sentiment, SentimentLabel
from voc.plugin.calls import Accepted, HttpCall, Refused, Reply, Signature, SignatureScheme
from voc.plugin.channel import Channel, Context, Health, Parsers, Store, View
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
from voc.plugin.options import Option, Options, OptionType
from voc.plugin.spec import hookimpl

CONTRACT = 1

__all__ = [
    "CONTRACT",
    "Accepted",
    "Analyzer",
    "Attachment",
    "Author",
    "Channel",
    "ClauseAnalyzer",
    "Context",
    "Deleted",
    "Delivery",
    "Edited",
    "Evidence",
    "Fate",
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
    "Option",
    "OptionType",
    "Options",
    "Outbound",
    "Page",
    "Parsers",
    "Pulled",
    "Raw",
    "ReadItem",
    "Refused",
    "Reply",
    "Robot",
    "Scale",
    "Sent",
    "Sentiment",
    "SentimentLabel",
    "Signature",
    "SignatureScheme",
    "Store",
    "Texts",
    "TryLater",
    "Undeliverable",
    "View",
    "hookimpl",
]
