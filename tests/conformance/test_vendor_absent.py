"""Where the vendor of fixtures.py cannot be had, one sentence says so, and nothing else is blamed."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.conformance.test_child import check
from tests.gallery.assemble import assembled
from voc.testkit import RULES, HttpVendor, run, verdict
from voc.testkit.plugin import Located
from voc.testkit.reaching import absence, addresses
from voc.testkit.running import planned, run_rule, subjects

# What is written at the end of the good fixtures, and what is said then.
ABSENT = {
    "nobody": (
        "@contextmanager\ndef other(self):\n    yield SimpleNamespace(options={'base_url': 'http://127.0.0.1:1/v2'})",
        "the vendor of fixtures.py cannot be reached at http://127.0.0.1:1: connection refused",
    ),
    "raises": (
        "def other(self):\n    raise OSError(98, 'Address already in use')",
        "the vendor of fixtures.py cannot be started: OSError: address already in use (line ",
    ),
    "raises-later": (
        "@contextmanager\ndef other(self):\n    raise KeyError('key')\n    yield",
        "the vendor of fixtures.py cannot be started: KeyError: 'key' (line ",
    ),
    "leaves": (
        "def other(self):\n    raise SystemExit('enough')",
        "the vendor of fixtures.py cannot be started: SystemExit: enough (line ",
    ),
    "is-none": (
        "other = Fixtures.vendor",
        "there is no vendor to ask (fixtures.py: write vendor(), the vendor on loopback)",
    ),
    "elsewhere": (
        "@contextmanager\ndef other(self):\n    yield SimpleNamespace(options={'base_url': 'https://api.acme.example'})",
        "the vendor of fixtures.py cannot be reached at https://api.acme.example: the kit knows no other machine",
    ),
}
MORE = (
    "\n\nfrom contextlib import contextmanager\nfrom types import SimpleNamespace\nfrom voc.testkit import Fixtures\n"
)


def without_vendor(how: str, into: Path) -> Path:
    """The good plugin, whose vendor cannot be had."""
    folder = assembled("good", into)
    with (folder / "fixtures.py").open("a") as file:
        file.write(f"{MORE}\n{ABSENT[how][0]}\n\nGoodFixtures.vendor = other\n")
    return folder


@pytest.mark.parametrize(
    "how", [how if how == "nobody" else pytest.param(how, marks=pytest.mark.slow) for how in sorted(ABSENT)]
)
def test_one_rule_is_broken_and_those_that_need_it_are_not_tried(how: str, tmp_path: Path) -> None:
    outcomes = list(run(Located.of(without_vendor(how, tmp_path))))
    (broken,) = [outcome for outcome in outcomes if outcome.state == "broken"]
    untried = [outcome.rule for outcome in outcomes if outcome.state == "untried"]
    assert (broken.rule, broken.where) == ("vendor", "good/fixtures.py")
    assert broken.text.startswith(ABSENT[how][1])
    assert broken.text.endswith(f"; {len(untried)} rules that need it were not tried")
    assert {"fetch-works", "send-works", "secrets-kept", "health"} <= set(untried)
    assert {outcome.state for outcome in outcomes} == {"kept", "broken", "untried"}
    assert verdict(outcomes) == "below bronze"


@pytest.mark.slow
def test_the_rules_that_say_they_need_a_vendor_are_those_that_take_it(tmp_path: Path) -> None:
    for name in ("vendor", "offer-vendor"):
        (subject,) = subjects(Located.of(assembled(name, tmp_path)))
        rules = planned(subject)
        taken = {rule.id for rule in rules if run_rule(rule, subject).state == "untried"}
        subject.parsers.close()
        assert taken == {rule.id for rule in rules if rule.needs_vendor(subject)}


def test_the_command_says_it_once_and_names_what_was_not_tried(tmp_path: Path) -> None:
    folder = without_vendor("nobody", tmp_path)
    status, text = check(folder)
    assert (status, text.count("✗"), text.count("127.0.0.1:1")) == (1, 1, 1), text
    assert "  ? not tried: " in text
    assert text.splitlines()[-1] == "good: below bronze, and bronze is wanted"
    status, text = check(folder, "--json")
    report = json.loads(text)
    assert (status, report["level"], report["enough"], report["broken"]) == (1, None, False, 1)
    assert f"; {report['untried']} rules that need it were not tried" in text
    assert {item["state"] for item in report["rules"] if item["rule"].startswith(("fetch-", "send-"))} == {"untried"}


@pytest.mark.parametrize("only", ["fetch-works", "lines"])
def test_of_some_rules_alone_it_is_said_where_one_needs_it(only: str, tmp_path: Path) -> None:
    status, text = check(without_vendor("is-none", tmp_path), "--only", only, "--json")
    states = {item["rule"]: item["state"] for item in json.loads(text)["rules"]}
    if only == "lines":
        assert (status, states) == (0, {"lines": "kept"})
    else:
        assert (status, states) == (1, {"vendor": "broken", "fetch-works": "untried"})


@pytest.mark.slow
def test_what_is_left_out_needs_no_vendor(tmp_path: Path) -> None:
    folder = without_vendor("is-none", tmp_path)
    asking = [rule.id for rule in RULES.values() if rule.of == "channel" and rule.may_ask]
    with (folder / "fixtures.py").open("a") as file:
        file.write(f"\nGoodFixtures.cannot = dict.fromkeys({asking!r}, 'the vendor has no test system')\n")
    outcomes = list(run(Located.of(folder)))
    assert {outcome.state for outcome in outcomes} == {"kept", "skipped"}
    assert next(outcome.state for outcome in outcomes if outcome.rule == "vendor") == "kept"


@pytest.mark.slow
def test_a_vendor_is_started_once_to_see_whether_it_can_be_had(tmp_path: Path) -> None:
    folder = without_vendor("nobody", tmp_path)
    with (folder / "fixtures.py").open("a") as file:
        file.write("\nBEGUN = []\n\ndef counted(self):\n    BEGUN.append(1)\n    return other(self)\n")
        file.write("\nGoodFixtures.vendor = counted\n")
    (subject,) = subjects(Located.of(folder))
    for rule in planned(subject):
        run_rule(rule, subject)
    subject.parsers.close()
    assert type(subject.fixtures).vendor.__globals__["BEGUN"] == [1]


@pytest.mark.slow
def test_a_vendor_that_never_starts_is_given_up_once(tmp_path: Path) -> None:
    folder = without_vendor("nobody", tmp_path)
    with (folder / "fixtures.py").open("a") as file:
        file.write("\nimport threading\nGoodFixtures.vendor = lambda self: threading.Event().wait(300)\n")
    status, text = check(folder, "--limit", "2", *(word for name in ONLY for word in ("--only", name)))
    assert (status, text.count("✗")) == (1, 1), text
    assert "vendor: the vendor of fixtures.py did not start within 1.6 seconds; 2 rules that need it were" in text


ONLY = ("fetch-works", "send-works", "lossless", "clean-process")


@contextmanager
def leading(**options: Any) -> Iterator[Any]:
    """A vendor that is only its options."""
    yield SimpleNamespace(options=options)


class Quiet(HttpVendor):
    """Somebody who listens."""


def test_an_address_elsewhere_beside_the_vendors_own_is_only_an_option() -> None:
    with Quiet.running() as vendor:
        port = int(vendor.url.rpartition(":")[2])
        there = {"base_url": vendor.url, "page": "https://www.acme.example/shop"}
        assert absence(lambda: leading(**there), {}) == ""
        assert absence(lambda: leading(imap_host="127.0.0.1", imap_port=port), {"page": "https://acme.example"}) == ""
        assert absence(lambda: leading(folder="/tmp"), {"page": "https://acme.example"}) == ""
        both = absence(lambda: leading(base_url=vendor.url, smtp_host="127.0.0.1", smtp_port=1), {})
        assert both == "the vendor of fixtures.py cannot be reached at 127.0.0.1:1: connection refused"
        own = absence(lambda: leading(), {"base_url": "http://localhost:1"})
        assert own == "the vendor of fixtures.py cannot be reached at http://localhost:1: connection refused"


def test_addresses_are_shown_without_what_may_be_secret_and_nonsense_is_none() -> None:
    found = addresses({"hook": "http://ana:secret@127.0.0.1:8080/T0/secret?key=secret#x"})
    assert [(item.shown, item.host, item.port) for item in found] == [("http://127.0.0.1:8080", "127.0.0.1", 8080)]
    for wrong in ("://", "http://", "http://[::1", "http://127.0.0.1:99999", "x://127.0.0.1", 7, None, b"http://x", ""):
        assert addresses({"base_url": wrong}) == []
    for port in (0, 70_000, -1, "25", None):
        assert addresses({"smtp_host": "127.0.0.1", "smtp_port": port}) == []
    with socket.create_server(("127.0.0.1", 0)) as server:
        assert absence(lambda: leading(host="127.0.0.1", port=server.getsockname()[1]), {}) == ""
