"""What a person says of a feedback that the machine got wrong, brought by another program."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from marshmallow import RAISE, Schema, ValidationError, fields, validate, validates_schema
from sqlalchemy.orm import Session

from voc.api import examples
from voc.api.answers import FeedbackOut
from voc.api.bearer import caller
from voc.api.bodies import body_of
from voc.api.fields import Line
from voc.api.here import runtime
from voc.api.openapi import Operations
from voc.api.pages import no_such
from voc.api.problems import invalid
from voc.audit import audit
from voc.core.errors import Forbidden, Invalid, NotFound
from voc.core.vocabulary import Scope, Stance
from voc.pipeline import correct
from voc.pipeline import queries as pipeline
from voc.security.access import Actor
from voc.security.queries import actor_of, user_by_email

blueprint = Operations("corrections", __name__, url_prefix="/api/v1", description="What people say instead.")

# A list of topics is never longer than a house's topics are.
MOST_TOPICS = 50
_STANCES = tuple(stance.value for stance in Stance if stance is not Stance.UNKNOWN)


class CorrectionIn(Schema):
    """What is right instead, and who says so; at least one of the three."""

    class Meta:
        unknown = RAISE

    by = Line(
        limit=254,
        required=True,
        allow_none=False,
        metadata={
            "description": "E-mail address of the colleague whose word this is; it stands on record under that name.",
            "examples": ["patricia@aurora.example"],
        },
    )
    stance = fields.String(
        validate=validate.OneOf(_STANCES),
        metadata={"description": "How the customer stands to us: what follows from it follows at once."},
    )
    label = fields.String(
        validate=validate.OneOf(correct.LABELS), metadata={"description": "The sentiment of the text."}
    )
    topics = fields.List(
        Line(limit=60, allow_none=False),
        validate=validate.Length(max=MOST_TOPICS),
        metadata={"description": "Keys of all topics that are spoken of; none: an empty list."},
    )

    @validates_schema
    def says_something(self, data: Mapping[str, Any], **_: Any) -> None:
        """Raises ValidationError for a correction of nothing."""
        if not {"stance", "label", "topics"} & data.keys():
            raise ValidationError("Say at least one of stance, label and topics.", "stance")


_IN = CorrectionIn()


@blueprint.serves(
    "POST",
    "/feedback/<uuid:feedback_id>/corrections",
    400,
    404,
    413,
    415,
    422,
    scope=Scope.CASES_WRITE,
    answer=FeedbackOut,
    example=examples.FEEDBACK,
    operationId="correctFeedback",
    requestBody={
        "required": True,
        "content": {"application/json": {"schema": CorrectionIn, "examples": examples.CORRECTION_IN}},
    },
)
def correct_feedback(feedback_id: UUID) -> Any:
    """Correct what the machine said of a feedback.

    Needs the scope `cases:write`. All of it is taken, or nothing. The machine's own words stay on record; saying the
    same again changes nothing. A stance brings what it brings on the screen: a case and a promise for somebody who
    turns out to be unhappy, no answer needed for somebody who is not.
    """
    values = body_of(_IN)
    house, who = runtime(), caller()
    now = house.clock()
    try:
        with house.db.writing() as session:
            actor = _person(session, values["by"])
            if "label" in values:
                correct.correct_label(session, feedback_id, actor=actor, label=values["label"], now=now)
            if "topics" in values:
                correct.correct_topics(session, feedback_id, actor=actor, topics=values["topics"], now=now)
            if "stance" in values:
                stance = Stance(values["stance"])
                correct.correct_stance(session, feedback_id, actor=actor, stance=stance, now=now)
            # The trail names the person; this says which program brought it.
            token = str(who.token.id)
            audit(session, actor_id=None, action="correction.by_token", subject_id=feedback_id, now=now, token=token)
            session.flush()
            return pipeline.feedback_view(session, feedback_id)
    except NotFound:
        raise no_such("feedback") from None
    except Forbidden:
        raise invalid({"by": ["This person may not correct feedback."]}) from None
    except Invalid as error:
        raise invalid(error.fields) from None


def _person(session: Session, email: str) -> Actor:
    """Whose word it is. Raises Invalid for an address of nobody who is active."""
    user = user_by_email(session, email)
    if user is None or not user.active:
        raise Invalid(fields={"by": ["Nobody who is active here has this address."]})
    return actor_of(session, user.id)
