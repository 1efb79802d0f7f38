"""A mail that cannot be read is full of somebody's data, and so are the errors about it; the log has none of them."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy import select

from tests.conftest import SetClock
from voc.core import logs
from voc.core.settings import Settings
from voc.core.vocabulary import ReceiptState
from voc.intake import queries
from voc.intake.channels import add_channel
from voc.intake.submit import submit
from voc.jobs.engine import Engine
from voc.model import Receipt
from voc.runtime.instance import open_instance

# Does what careless plugins do: the whole mail is in its log and in its exception.
LETTERS = """\
import logging
from voc.plugin import Channel, hookimpl

class Letters(Channel):
    kind = "letters"

    def read(self, view, raw):
        mail = view.json(raw)["values"]["mail"]
        try:
            raise KeyError(mail)
        except KeyError:
            logging.getLogger("letters").exception("cannot read this mail: %s", mail, extra={"mail": mail})
            raise ValueError(f"no part of {mail!r} can be read")

@hookimpl
def voc_channels():
    return [Letters]
"""
MAIL = (
    "From: Ana <ana.quispe@example.pe>\nSubject: Pedido\n\nMi cel es +51 987 654 321 (987654321), DNI 45678912,\n"
    "tarjeta 4111 1111 1111 1111, RUT 12.345.678-5."
)
PLANTED = ["ana.quispe", "example.pe", "987 654 321", "987654321", "45678912", "4111", "12.345.678"]


@pytest.fixture(params=["text", "json"])
def log(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    stream = io.StringIO()
    monkeypatch.setattr("sys.stderr", stream)
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    logs.configure(level="debug", style=request.param)
    yield stream
    root.handlers[:] = before
    root.setLevel(level)


def test_a_mail_that_cannot_be_read_leaves_nobody_in_the_log(
    sqlite_settings: Settings, clock: SetClock, log: io.StringIO
) -> None:
    folder = sqlite_settings.instance / "plugins" / "letters"
    folder.mkdir(parents=True)
    (folder / "plugin.toml").write_text('name = "letters"\ncontract = 1\nkinds = ["letters"]\n', encoding="utf-8")
    (folder / "__init__.py").write_text(LETTERS, encoding="utf-8")
    runtime = open_instance(replace(sqlite_settings, plugin_seconds=5.0), create=False, clock=clock)
    with runtime.db.writing() as session:
        add_channel(session, runtime.host, kind="letters", name="Cartas", slug="cartas", options={}, now=clock())
    with runtime.db.reading() as session:
        channel = queries.channel_by_slug(session, "cartas")
    assert channel is not None
    submit(
        runtime.writer, runtime.keys, channel_id=channel.id, submission_id="one", form_version=1, language="es",
        values={"mail": MAIL}, now=clock(),
    )  # fmt: skip
    Engine(runtime, worker="test").drain("flow")
    with runtime.db.reading() as session:
        (receipt,) = session.scalars(select(Receipt))
        assert receipt.state is ReceiptState.QUARANTINED
        assert "ana.quispe@example.pe" in (receipt.reason or ""), "who looks after it sees why"
    runtime.close()
    text = log.getvalue()
    assert "cannot read this mail: From: Ana <[e-mail]>" in text
    assert "KeyError" in text
    assert [item for item in PLANTED if item in text] == []
