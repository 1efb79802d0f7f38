"""Understanding a text from a command: with what came with voc, or with all that an instance brings."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from voc.cli.opening import opened

if TYPE_CHECKING:
    from voc.analysis.result import Analysis

# Text and the language it is probably in (None: nobody knows).
Understand = Callable[[str, str | None], "Analysis"]

INSTANCE = "With the topics and the plugins of the instance, instead of those that came with voc."


@contextmanager
def understanding(*, with_instance: bool) -> Iterator[Understand]:
    """How to understand a text. Without the instance nothing is read but voc itself: no settings, no database."""
    from voc.analysis.hosted import analyze_hosted, shipped_host

    if not with_instance:
        host = shipped_host()
        yield lambda text, hint: analyze_hosted(host, text, hint=hint)
        return
    from voc.analysis.risks import risks_with
    from voc.pipeline import queries

    with opened() as runtime:
        with runtime.db.reading() as session:
            taxonomy, risks = queries.taxonomy(session), risks_with(queries.competitors(session))
        yield lambda text, hint: analyze_hosted(runtime.host, text, hint=hint, taxonomy=taxonomy, risks=risks)
