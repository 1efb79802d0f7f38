"""What the conformance kit needs to know of web forms: voc draws the page, so that it knows what a submission is."""

from __future__ import annotations

from voc.plugin import Author, Inbound, Robot
from voc.testkit import Fixtures, Sample

SUBMITTED = (
    b'{"submission_id": "01J", "form_version": 3, "language": "pt", "values": {"text": "Demorou", "score": 0,'
    b' "score.metric": "nps", "name": "Ana", "consent": true}, "robot": null}'
)
TRAPPED = b'{"submission_id": "01K", "language": "es", "values": {"text": "SEO"}, "robot": "filled in a trap"}'


class WebFormFixtures(Fixtures):
    """A form as it stands after `voc channel add`."""

    options = {"metric": "nps"}
    samples = (
        Sample(
            SUBMITTED,
            "application/json",
            (Inbound("01J", "Demorou", "nps", 0, "pt", author=Author(name="Ana"), consent=True),),
        ),
        Sample(TRAPPED, "application/json", (Robot("filled in a trap"),)),
    )
    cannot = {
        "sent_at": "a submission is said at the moment when it arrives",
        "no-id": "the host gives every page a submission id of its own",
        "attachments": "the form asks for no files",
        "answers": "a form answers nothing that we sent",
    }
