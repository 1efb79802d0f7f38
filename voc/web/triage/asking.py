"""Our words for what becomes of invitations, in the reader's language."""

from __future__ import annotations

from datetime import date

from flask_babel import format_date, lazy_gettext

from voc.core.vocabulary import InvitationState
from voc.surveys import people, policy
from voc.web.triage.reasons import reason_words

REFUSALS = {
    policy.UNSUBSCRIBED: lazy_gettext("this person does not want to be asked"),
    policy.ENOUGH: lazy_gettext("this person was reminded often enough"),
    policy.RECENTLY: lazy_gettext("this person was invited not long ago"),
    policy.NO_FORM: lazy_gettext("the survey has no question yet"),
    policy.CLOSED: lazy_gettext("the survey is switched off"),
}
PROBLEMS = {
    people.NO_ADDRESS: lazy_gettext("This is no e-mail address."),
    people.TWICE: lazy_gettext("This address stands in the list already."),
    people.NO_COLUMNS: lazy_gettext(
        "Beside an address nothing can stand here unless the first line names the columns."
    ),
    people.TOO_MANY: lazy_gettext("This list is too long; at most 20,000 people can be invited at once."),
    people.NO_TABLE: lazy_gettext("From here on this is no table; perhaps a quotation mark is missing."),
}
STATES = {
    InvitationState.PLANNED: lazy_gettext("planned"),
    InvitationState.SENDING: lazy_gettext("being sent"),
    InvitationState.SENT: lazy_gettext("sent, no answer yet"),
    InvitationState.REFUSED: lazy_gettext("not asked"),
    InvitationState.ANSWERED: lazy_gettext("answered"),
    InvitationState.EXPIRED: lazy_gettext("time over"),
    InvitationState.FAILED: lazy_gettext("not delivered"),
}


def refusal_words(reason: str) -> str:
    """Why somebody was not asked: our words translated, a day or a mail server's own words as they are."""
    head, _colon, detail = reason.partition(": ")
    if head not in REFUSALS:
        return reason_words(reason)
    return f"{REFUSALS[head]}: {_day(detail)}" if detail else str(REFUSALS[head])


def _day(detail: str) -> str:
    """A day that a reason names, as people read it; anything else as it is."""
    try:
        return str(format_date(date.fromisoformat(detail), "medium"))
    except ValueError:
        return detail


def problem_words(what: str) -> str:
    """What is wrong with a line of a list."""
    return str(PROBLEMS.get(what, what))


def invitation_word(state: InvitationState) -> str:
    """What became of an invitation."""
    return str(STATES[state])
