"""By what somebody is known who left no e-mail address: an account in a network, a number the company gave."""

from __future__ import annotations

from dataclasses import dataclass

from voc.cases.views import CaseView
from voc.web.account.texts import translated as _
from voc.web.triage.channels import kind_title


@dataclass(frozen=True, slots=True)
class Known:
    """One of them: `kind` says what it is, in the reader's language."""

    kind: str
    value: str


def known_by(view: CaseView) -> list[Known]:
    """What whoever the case is about is known by beside address and telephone, each once, in the order it was said."""
    found: dict[Known, None] = {}
    for item in view.feedback:
        if item.stranger:
            continue
        if item.handle:
            found[Known(kind_title(item.channel_kind), item.handle)] = None
        if item.number:
            found[Known(_("Customer number"), item.number)] = None
    return list(found)
