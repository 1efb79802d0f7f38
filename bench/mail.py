"""Scenario: mail to case. Stored durably a page at a time as fetching stores it, read in the limited child, understood,
judged, opened: one worker, no network; against `email` of the standard library parsing the same mails in one process.

What the standard library does here is what its documentation shows: parse with `policy.default`, take sender, subject,
date and the body's text. It keeps nothing, joins nothing, and does not come back from a hostile mail.
"""

from __future__ import annotations

import base64
import email
import os
import random
import shutil
import statistics
import time
from collections.abc import Callable
from email import policy
from email.message import EmailMessage
from pathlib import Path

from bench import voices
from bench.figures import Figure
from voc.core.settings import load
from voc.core.vocabulary import Door
from voc.intake.arrive import incoming
from voc.intake.channels import add_channel
from voc.intake.writer import accept_all
from voc.jobs.engine import Engine
from voc.runtime import Runtime
from voc.runtime.instance import open_instance

PAGE = 50
TARGET = 0.3
_QUOTES = {
    "es": "El lun, 2 mar 2026 a las 10:00, Aurora (<ayuda@aurora.example>) escribió:",
    "pt": "Em seg., 2 de mar. de 2026 às 10:00, Aurora <ayuda@aurora.example> escreveu:",
    "en": "On Mon, Mar 2, 2026 at 10:00 AM Aurora <ayuda@aurora.example> wrote:",
}
_SIGNED = {"es": "Enviado desde mi iPhone", "pt": "Enviado do meu iPhone", "en": "Sent from my iPhone"}

Tell = Callable[[str], None]


def corpus(chance: random.Random, count: int) -> list[bytes]:
    """Mails as customers write them: plain, with HTML beside it, HTML alone, answers that quote, some with a photo."""
    return [_mail(chance, number) for number in range(count)]


def _mail(chance: random.Random, number: int) -> bytes:
    language = chance.choice(("es", "es", "pt", "en"))
    said = "\n\n".join(voices.text(chance, language) for _ in range(chance.randrange(2, 6)))
    mail = EmailMessage(policy=policy.SMTP)
    mail["Received"] = "from mx.example by aurora.example with ESMTPS id 4711; Tue, 3 Mar 2026 10:00:02 -0500"
    mail["DKIM-Signature"] = f"v=1; a=rsa-sha256; d=example.com; s=x; b={base64.b64encode(os.urandom(192)).decode()}"
    mail["From"] = f"Rosa Quispe <rosa{number}@example.com>"
    mail["To"] = "Aurora <ayuda@aurora.example>"
    mail["Subject"] = said.split(".")[0]
    mail["Date"] = "Tue, 03 Mar 2026 10:00:00 -0500"
    mail["Message-ID"] = f"<{number}.{chance.randrange(10**12)}@example.com>"
    shape = chance.choice(("plain", "both", "both", "html", "answer", "photo"))
    if shape == "answer":
        quoted = "\n".join(f"> {voices.text(chance, language)}" for _ in range(8))
        said = f"{said}\n\n{_SIGNED[language]}\n\n{_QUOTES[language]}\n{quoted}"
    paragraphs = said.replace("\n\n", "</p><p>")
    page = f"<html><head><style>p {{margin: 0}}</style></head><body><p>{paragraphs}</p></body></html>"
    if shape == "html":
        mail.set_content(page, subtype="html")
    else:
        mail.set_content(said)
    if shape == "both":
        mail.add_alternative(page, subtype="html")
    if shape == "photo":
        mail.add_attachment(os.urandom(12_000), maintype="image", subtype="jpeg", filename="foto.jpg")
    return mail.as_bytes()


def parse(mails: list[bytes]) -> float:
    """Mails a second that the standard library takes apart."""
    began = time.perf_counter()
    for raw in mails:
        mail = email.message_from_bytes(raw, policy=policy.default)
        body = mail.get_body(preferencelist=("plain", "html"))
        (mail["From"], mail["Subject"], mail["Date"], mail["Message-ID"], body.get_content() if body else "")
    return len(mails) / (time.perf_counter() - began)


def to_cases(runtime: Runtime, channel_id: object, mails: list[bytes]) -> float:
    """Mails a second from the first stored page to the last case."""
    engine = Engine(runtime, worker="bench")
    began = time.perf_counter()
    for start in range(0, len(mails), PAGE):
        page = [
            incoming(
                runtime.keys,
                door=Door.FETCH,
                channel_id=channel_id,  # type: ignore[arg-type]
                body=raw,
                content_type="message/rfc822",
                now=runtime.clock(),
                delivery_id=f"1:{start + number}",
            )
            for number, raw in enumerate(mails[start : start + PAGE])
        ]
        with runtime.db.writing() as session:
            accept_all(session.connection(), runtime.registry, page)
    while engine.drain("flow"):
        pass
    return len(mails) / (time.perf_counter() - began)


def measure(folder: Path, *, count: int, rounds: int, tell: Tell) -> list[Figure]:
    """The ratio, parsing before and after each round."""
    template = folder / "template"
    open_instance(load({}, instance=template), create=True).close()
    chance, ratios, rates, yardsticks = random.Random(11), [], [], []
    for number in range(rounds):
        mails = corpus(chance, count)
        instance = folder / f"round-{number}"
        shutil.copytree(template, instance)
        runtime = open_instance(load({}, instance=instance), create=False)
        with runtime.db.writing() as session:
            channel = add_channel(
                session,
                runtime.host,
                kind="email",
                name="Ayuda",
                slug="ayuda",
                options={"from_address": "ayuda@aurora.example"},
                now=runtime.clock(),
                keys=runtime.keys,
            )
            channel_id = channel.id
        Engine(runtime, worker="bench").drain("flow")
        before = parse(mails)
        rate = to_cases(runtime, channel_id, mails)
        yardstick = statistics.mean((before, parse(mails)))
        runtime.close()
        shutil.rmtree(instance)
        ratios.append(rate / yardstick)
        rates.append(rate)
        yardsticks.append(yardstick)
        tell(f"  round {number + 1}: parsing {yardstick:.0f}/s, mail to case {rate:.0f}/s ({rate / yardstick:.2f})")
    size = statistics.mean(map(len, mails))
    detail = (
        f"{statistics.median(rates):.0f}/s against {statistics.median(yardsticks):.0f}/s; {size / 1000:.1f} kB a mail,"
        f" rounds {min(ratios):.2f} to {max(ratios):.2f}"
    )
    return [Figure("mail to case / parsing by the standard library", statistics.median(ratios), "", detail, TARGET)]
