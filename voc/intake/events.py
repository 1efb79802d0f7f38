"""Facts that intake reports."""

from __future__ import annotations

from dataclasses import dataclass

from voc.jobs import Event


@dataclass(frozen=True, slots=True)
class ReceiptStored(Event):
    """A receipt waits to be read; `subject_id` is the receipt."""

    name = "receipt.stored"


@dataclass(frozen=True, slots=True)
class FeedbackChanged(Event):
    """The customer changed the words or took them back; `subject_id` is the feedback."""

    name = "feedback.changed"


@dataclass(frozen=True, slots=True)
class FeedbackStored(Event):
    """A feedback is in the database; `subject_id` is the feedback."""

    name = "feedback.stored"
