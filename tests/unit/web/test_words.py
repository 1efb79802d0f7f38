"""Our words for closed sets cover the sets, so that no screen shows a bare key."""

from __future__ import annotations

from voc.analysis.labels import LABELS
from voc.analysis.result import RISK_KINDS
from voc.cases.views import QUEUES
from voc.core.vocabulary import LANGUAGES, ClockKind, Priority
from voc.pipeline.verify.report import TITLES
from voc.web.triage import words


def test_every_key_has_its_word() -> None:
    """Queues, priorities, clocks, labels, risks, languages and the titles of the verification."""
    assert set(words.QUEUES) == set(QUEUES)
    assert set(words.PRIORITIES) == set(Priority)
    assert set(words.CLOCKS) == set(ClockKind)
    assert set(words.LABELS) == set(words.SAID) == set(LABELS)
    assert set(words.RISKS) == set(RISK_KINDS)
    assert set(words.LANGUAGES) == set(LANGUAGES)
    assert set(words.INVARIANTS) == set(TITLES.values())
