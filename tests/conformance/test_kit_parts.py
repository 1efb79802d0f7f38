"""The kit's own parts do what the host's do: reading mail, believing a signature, and what can be stored."""

from __future__ import annotations

import base64
import hashlib
import hmac
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from tests.gallery.assemble import assembled
from voc.cli.checking import located
from voc.intake.believing import problem
from voc.plugin import Deleted, Edited, Inbound, Signature
from voc.plugin_host.parsers import HostParsers
from voc.security.signatures import signed as host_signed
from voc.testkit import NOW, Said, reached, run
from voc.testkit.parsers import KitParsers
from voc.testkit.plugin import Located
from voc.testkit.rules.signing import signed
from voc.testkit.running import subjects

MAILS = (
    b"From: Ana <ana@x.pe>\r\nReply-To: Otra <o@x.pe>\r\nTo: a@b.c, d@e.f\r\nSubject: =?utf-8?q?se=C3=B1al?=\r\n"
    b"Message-ID: <1@x>\r\nIn-Reply-To: <0@x>\r\nReferences: <a@x> <0@x>\r\nDate: Tue, 3 Mar 2026 10:00:00 -0500\r\n"
    b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\n\r\nhola\r\n--b\r\nContent-Type: image/png\r\n'
    b'Content-Disposition: attachment; filename="f.png"\r\n\r\nPNG\r\n--b--\r\n',
    b"Subject: x\r\n\r\nbody",
)
REPORT = (
    b"From: MAILER-DAEMON@x.pe\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n"
    b"--b\r\n\r\nno\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; x\r\n\r\n"
    b"Final-Recipient: rfc822; a@x\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n--b\r\nContent-Type: message/rfc822"
    b"\r\n\r\nMessage-ID: <m@v>\r\n\r\nx\r\n--b--\r\n"
)


@pytest.mark.parametrize("body", [*MAILS, REPORT])
def test_mails_are_read_as_the_host_reads_them(body: bytes) -> None:
    kit, host = KitParsers(), HostParsers(size=1)
    try:
        assert kit.mail(body) == host.mail(body)
        for parsers in (kit, host):
            with pytest.raises(ValueError, match="cannot be read: it is empty"):
                parsers.mail(b"")
        assert kit.text_of_html("<p>a<br>b</p>") == host.text_of_html("<p>a<br>b</p>")
    finally:
        kit.close()
        host.close()


KEY = base64.b64encode(b"a secret of the tests").decode()
BODY = b'{"text": "Malo"}'


def headers_of(scheme: str, secret: str, body: bytes, *, ago: timedelta = timedelta()) -> dict[str, str]:
    """A request as a vendor signs it."""
    if scheme != "standard-webhooks":
        digest = hmac.new(secret.encode(), body, hashlib.sha256).digest()
        value = digest.hex().upper() if scheme == "hmac-sha256-hex" else base64.b64encode(digest).decode()
        return {"x-signature": f"v={value}"}
    stamp = str(int((NOW - ago).timestamp()))
    digest = hmac.new(base64.b64decode(secret), f"m.{stamp}.".encode() + body, hashlib.sha256).digest()
    signature = f"v0,x v1,{base64.b64encode(digest).decode()}"
    return {"webhook-id": "m", "webhook-timestamp": stamp, "webhook-signature": signature}


@pytest.mark.parametrize("scheme", ["hmac-sha256-hex", "hmac-sha256-base64", "standard-webhooks"])
def test_signatures_are_believed_as_the_host_believes_them(scheme: str) -> None:
    declared = Signature(scheme, "secret", "X-Signature", "v=")  # type: ignore[arg-type]
    good = headers_of(scheme, KEY, BODY)
    spoiled = [{}, dict.fromkeys(good, "ñ"), {name: value[:-4] for name, value in good.items()}]
    for headers in (good, headers_of(scheme, KEY, BODY, ago=timedelta(hours=1)), *spoiled):
        for secret in (KEY, "", "b3RoZXI=", "not base64!"):
            for body in (BODY, b""):
                wanted = host_signed(declared, secret, headers, body, now=NOW)
                assert signed(declared, secret, headers, body, now=NOW) is wanted
    assert signed(declared, KEY, good, BODY, now=NOW)


@pytest.mark.parametrize("name", ["email", "mastodon", "survey", "webform", "webhook"])
def test_what_the_kit_lets_pass_the_host_believes(name: str) -> None:
    for subject in subjects(located(name)):
        for said in (Said(), Said(id="m-2", text="Não gostei"), Said(text="x" * 3000)):
            for item in subject.read(subject.raw(said)):
                assert isinstance(item, (Inbound, Edited, Deleted))
                assert problem(item) is None
        subject.parsers.close()


@pytest.mark.slow
def test_what_is_left_out_in_plugin_toml_counts_as_left_out(tmp_path: Path) -> None:
    folder = assembled("flood", tmp_path)
    text = (folder / "plugin.toml").read_text()
    (folder / "plugin.toml").write_text(f'{text}\n[conformance.skip]\nflood = "it is restarted every hour"\n')
    outcomes = {outcome.rule: outcome for outcome in run(Located.of(folder))}
    assert (outcomes["flood"].state, outcomes["flood"].text) == ("skipped", "it is restarted every hour")
    assert reached(outcomes.values()) == "gold"


def test_a_vendor_without_a_scale_that_begins_at_0_is_asked_for_none(tmp_path: Path) -> None:
    folder = assembled("score-zero", tmp_path)
    text = (folder / "fixtures.py").read_text()
    (folder / "fixtures.py").write_text(text.replace("samples = ()", 'samples = ()\n    metrics = ("csat", "stars")'))
    outcomes = {outcome.rule: outcome.state for outcome in run(Located.of(folder), level="bronze")}
    assert (outcomes["score-zero"], outcomes["score-raw"]) == ("skipped", "kept")


SUITE = """
from pathlib import Path
from voc.testkit import ChannelSuite

class TestIt(ChannelSuite):
    plugin = Path({folder!r})
    level = {level!r}
"""


@pytest.mark.slow
def test_the_suite_is_one_test_a_rule(tmp_path: Path) -> None:
    folder = assembled("lines", tmp_path)
    (folder / "plugin.toml").write_text(
        (folder / "plugin.toml").read_text() + '\n[conformance.skip]\nhealth = "the vendor has no such thing"\n'
    )
    tests = tmp_path / "test_it.py"
    for level, failed in (("bronze", 0), ("silver", 1)):
        tests.write_text(SUITE.format(folder=str(folder), level=level))
        command = [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-rs",
            "-p",
            "no:cacheprovider",
            "--rootdir",
            str(tmp_path),
            str(tests),
        ]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == bool(failed), done.stdout
        assert ("test_rule[lines-good]" in done.stdout) is bool(failed)
        assert "the vendor has no such thing" in done.stdout
    assert "two lines were read as" in done.stdout
    assert "Keep line breaks" in done.stdout
