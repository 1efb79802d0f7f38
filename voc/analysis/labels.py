"""The closed set of sentiment labels, in the order in which they are shown."""

from __future__ import annotations

from voc.plugin.analyzer import SentimentLabel

LABELS: tuple[SentimentLabel, ...] = ("negative", "neutral", "positive", "unknown")


def as_label(value: object) -> SentimentLabel:
    """The value as a label. Raises ValueError when it is none."""
    if value not in LABELS:
        raise ValueError(f"no such sentiment label: {value!r}")
    return value
