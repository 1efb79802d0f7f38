"""What routing does in the worker: it runs rules again when somebody asks for it, and what they have plugins do."""

from __future__ import annotations

from voc.jobs import Handler, Registry
from voc.routing.again import KIND, act_pages, ask_pages
from voc.routing.deeds.doing import TRIES, do_deeds, mark_deeds
from voc.routing.deeds.ordering import KIND as DEED_KIND


def register(registry: Registry) -> None:
    """Declare the handlers: running again in the slow lane, so that what comes in now is not held up by what came in
    before; plugins in that of other people's servers, which hold nobody up."""
    registry.add(
        [
            Handler(KIND, apply=act_pages, prepare=ask_pages, lane="slow"),
            Handler(DEED_KIND, apply=mark_deeds, prepare=do_deeds, lane="door", retry=TRIES),
        ]
    )
