"""What a condition may look at: one table, from which conditions are checked and the help and the docs are drawn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from voc.analysis.result import RISK_KINDS, URGENCIES
from voc.core.vocabulary import LANGUAGES, Door, Metric, Stance

Kind = Literal["text", "number", "yes_no", "list", "any"]

LABELS = ("negative", "neutral", "positive", "unknown")
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
# What the caller knows of the house narrows these: the keys of its topics.
TOPIC_FIELDS = ("topics", "bad_topics", "good_topics")
# What is only searched, and looked for in folded form: small letters without accents.
FOLDED = ("plain", "words")


@dataclass(frozen=True, slots=True)
class Field:
    """One thing a condition may look at. `choices`: the only words it can hold; `may_be_null`: it can be unknown."""

    name: str
    kind: Kind
    text: str
    example: str
    choices: tuple[str, ...] = ()
    may_be_null: bool = False


def _words(values: type[Stance] | type[Metric] | type[Door]) -> tuple[str, ...]:
    return tuple(item.value for item in values)


FIELDS: tuple[Field, ...] = (
    Field("stance", "text", "How the customer stands.", 'stance == "detractor"', _words(Stance)),
    Field("mixed", "yes_no", "Score and text contradict each other.", "mixed"),
    Field("metric", "text", "Which question was answered.", 'metric == "nps"', _words(Metric), may_be_null=True),
    Field("score", "number", "The answer as it was given.", "score <= 3", may_be_null=True),
    Field("hurt", "number", "How much it hurts, from 0 to 10.", "hurt >= 8"),
    Field("text", "text", "What was written, letter by letter.", '"TV-42" in text', may_be_null=True),
    Field("plain", "text", "The text in small letters without accents.", '"mal servicio" in plain', may_be_null=True),
    Field("words", "list", "Every single word of it, in the same way.", '"reembolso" in words'),
    Field("length", "number", "How many characters the text has.", "length > 500"),
    Field("language", "text", "The language it is written in.", 'language == "pt"', LANGUAGES, may_be_null=True),
    Field("label", "text", "How the text reads.", 'label == "negative"', LABELS, may_be_null=True),
    Field("probability", "number", "How certain that is, from 0 to 1.", "probability >= 0.8", may_be_null=True),
    Field("topics", "list", "What it speaks of.", '"delivery" in topics'),
    Field("bad_topics", "list", "What it complains about.", '"price" in bad_topics'),
    Field("good_topics", "list", "What it praises.", '"staff" in good_topics'),
    Field("risks", "list", "Words of danger in it, and what makes it worse.", '"legal" in risks', RISK_KINDS),
    Field("urgency", "text", "How urgent the text sounds.", 'urgency == "high"', URGENCIES, may_be_null=True),
    Field("channel", "text", "The public name of the channel it came by.", 'channel == "feedback"'),
    Field("channel_kind", "text", "The kind of that channel.", 'channel_kind == "webform"'),
    Field("door", "text", "How it came in.", 'door == "form"', _words(Door)),
    Field("reach", "number", "How many people could see it.", "reach >= 10000", may_be_null=True),
    Field("unit", "text", "Where it happened.", 'unit == "Miraflores"', may_be_null=True),
    Field("customer_known", "yes_no", "The customer is somebody the company vouches for.", "customer_known"),
    Field("segment", "text", "The segment of the customer.", 'segment == "high touch"', may_be_null=True),
    Field("customer_value", "number", "What the customer is worth.", "customer_value >= 10000", may_be_null=True),
    Field("has_email", "yes_no", "An e-mail address was left.", "not has_email"),
    Field("has_phone", "yes_no", "A telephone number was left.", "has_phone"),
    Field("hour", "number", "The hour it came in, in the time zone of the house.", "hour >= 22 or hour < 6"),
    Field("weekday", "text", "The day of the week it came in.", 'weekday in ["saturday", "sunday"]', WEEKDAYS),
    Field("tags", "list", "Tags it has, also from the rules before this one.", '"vip" in tags'),
    Field("facts", "any", "Whatever came along with it.", "facts.order_total > 100", may_be_null=True),
)
BY_NAME = {field.name: field for field in FIELDS}

# How two values can be compared, for the help and the docs: (how it is written, what it means).
OPERATORS: tuple[tuple[str, str], ...] = (
    ("==", "Is the same."),
    ("!=", "Is another one."),
    ("<", "Is less; never true of a value that is missing."),
    ("<=", "Is less or the same."),
    (">", "Is more."),
    (">=", "Is more or the same."),
    ("in", "Is in the list, or is a part of the text."),
    ("not in", "Is not in it."),
    ("and", "Both are true."),
    ("or", "One of them is true."),
    ("not", "Is not true."),
    ("( )", "Belongs together."),
    ('"…"', "A text."),
    ("[…, …]", "One of several."),
    ("true, false", "Yes and no."),
    ("null", "Nothing is there."),
)
