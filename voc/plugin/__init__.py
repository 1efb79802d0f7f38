"""THE CONTRACT: of voc, the only thing a plugin may import.

Standard library and pluggy, nothing else. What is listed in `__all__` is promised; the rest is ours to change.
"""

from __future__ import annotations

from voc.plugin.analyzer import Analyzer, Evidence, Sentiment, SentimentLabel
from voc.plugin.channel import Channel, Health, View
from voc.plugin.form import Field, FieldKind, Form, Scale, Texts
from voc.plugin.messages import Author, Ignored, Inbound, Metric, Raw, ReadItem, Robot
from voc.plugin.options import Option, Options, OptionType
from voc.plugin.spec import hookimpl

CONTRACT = 1

__all__ = [
    "CONTRACT",
    "Analyzer",
    "Author",
    "Channel",
    "Evidence",
    "Field",
    "FieldKind",
    "Form",
    "Health",
    "Ignored",
    "Inbound",
    "Metric",
    "Option",
    "OptionType",
    "Options",
    "Raw",
    "ReadItem",
    "Robot",
    "Scale",
    "Sentiment",
    "SentimentLabel",
    "Texts",
    "View",
    "hookimpl",
]
