"""What the conformance kit needs to know of surveys: the score first, and what was added to it on the second page."""

from __future__ import annotations

import json
from dataclasses import replace

from voc.plugin import Edited, Inbound, Raw
from voc.testkit import NOW, Fixtures, Said, Sample, submission

SCORED = (
    b'{"submission_id": "01J", "form_version": 1, "language": "es", "values": {"score": 0, "score.metric": "nps"},'
    b' "robot": null}'
)
ADDED = b'{"submission_id": "01K", "language": "es", "values": {"text": "Tarde"}, "adds_to": "01J", "robot": null}'


class SurveyFixtures(Fixtures):
    """A survey as it stands after `voc channel add`."""

    options = {"metric": "nps"}
    samples = (
        Sample(SCORED, "application/json", (Inbound("01J", None, "nps", 0, "es"),)),
        Sample(ADDED, "application/json", (Edited("01J", "Tarde"),)),
    )
    cannot = {
        "score-none": "nobody answers a survey without giving a score",
        "deletions": "an answer to a survey cannot be taken back by whoever gave it",
        "sent_at": "an answer is said at the moment when it arrives",
        "no-id": "the host gives every page a submission id of its own",
        "attachments": "a survey asks for no files",
        "answers": "a survey answers nothing that we sent",
    }

    def raw(self, said: Said) -> Raw:
        """A score, or the reason that was added to one."""
        if said.edited is None:
            return submission(said if said.score is not None else replace(said, metric="nps", score=3))
        data = {"submission_id": "later", "language": "es", "values": {"text": said.text}, "adds_to": said.id}
        return Raw(json.dumps(data).encode(), "application/json", NOW, {}, "later")
