"""What the check of a form says, for people: its message ids (`voc.intake.forms`) with their translations."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext

from voc.intake import forms

SPOILED = forms.SPOILED

WRONG: dict[str, Any] = {
    forms.TOO_LONG: lazy_gettext("This is longer than the field can take."),
    forms.NEEDED: lazy_gettext("Please fill this in."),
    forms.NO_ADDRESS: lazy_gettext("The address looks incomplete. For example: name@example.com"),
    forms.NO_PHONE: lazy_gettext("This does not look like a phone number."),
    forms.NOT_ON_SCALE: lazy_gettext("Please choose one of the numbers shown."),
    forms.NOT_A_CHOICE: lazy_gettext("Please choose one of the answers shown."),
    forms.SPOILED: lazy_gettext(
        "There were characters in here that cannot be kept; they are gone now. Please look it over and send it again."
    ),
    forms.NEED_ONE: lazy_gettext("Please give a score or write a few words."),
}


def words(message_id: str) -> str:
    """An error in the reader's language."""
    return str(WRONG.get(message_id, message_id))
