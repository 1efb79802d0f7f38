"""Vendors that are not as the kit's words are: no idempotency keys, numbers for ids, one file a message, …"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import requests
from click.testing import CliRunner

from tests.gallery.assemble import assembled
from voc.cli.plugin_check import check
from voc.plugin import Channel, Option, Options
from voc.testkit import BUSY, RULES, Answer, Asked, Desk, HttpVendor, Outcome, left_out, reached, run, verdict
from voc.testkit.plugin import Located
from voc.testkit.running import run_rule, subjects

# At most once: what was tried without an answer is never tried again, and the agent is told. `@` marks what a case
# changes.
ONCE = """
from voc.plugin import Misconfigured, Sent, TryLater, Undeliverable, hookimpl

from .channel import Good


class Once(Good):
    def send(self, ctx, message):
        key = @key@
        known = ctx.store.get(key)
        if known == "?":
            @forget@
            raise Undeliverable(@words@)
        if known:
            return Sent(known)
        ctx.store.set(key, "?")
        try:
            found = super().send(ctx, message)
        except (TryLater, Misconfigured, Undeliverable) as error:
            if "cannot be reached" not in str(error) and @refused@:
                ctx.store.set(key, None)
            raise
        ctx.store.set(key, found.external_id)
        return found

    def ask(self, ctx, method, path, data=None, key=""):
        return super().ask(ctx, method, path, data, "")


@hookimpl
def voc_channels():
    return [Once]
"""
AS_IT_SHOULD = {
    "key": "message.message_id", "forget": "pass", "words": "'nobody knows whether it arrived: look'", "refused": "True"
}  # fmt: skip
WRONG = [
    ("key", "'all of them'", "send-lost-answer", "after a lost answer another answer raised Undeliverable"),
    ("forget", "ctx.store.set(key, None)", "send-lost-answer", "and the one after that returned Sent"),
    ("words", "' '", "send-lost-answer", "without words"),
    ("refused", "False", "send-temporary", "after a vendor that was down took nothing, the next try raised"),
]


def changed(at: Path, code: str = "", fixtures: str = "", base: str = "good") -> Path:
    """A plugin of the gallery with other code, or with fixtures that know more."""
    folder = assembled(base, at)
    if code:
        (folder / "__init__.py").write_text(code)
    if fixtures:
        (folder / "fixtures.py").write_text((folder / "fixtures.py").read_text() + fixtures)
    return folder


def once(**other: str) -> str:
    """The code of a channel that sends at most once."""
    code = ONCE
    for name, value in {**AS_IT_SHOULD, **other}.items():
        code = code.replace(f"@{name}@", value)
    return code


def outcome_of(folder: Path, rule: str) -> Outcome:
    (subject,) = subjects(Located.of(folder))
    found = run_rule(RULES[rule], subject)
    subject.parsers.close()
    return found


@pytest.mark.slow
def test_at_most_once_is_gold(tmp_path: Path) -> None:
    outcomes = list(run(Located.of(changed(tmp_path, once()))))
    assert [outcome.sentence for outcome in outcomes if outcome.state != "kept"] == []
    assert verdict(outcomes) == "gold"


@pytest.mark.parametrize(("what", "code", "rule", "words"), WRONG)
def test_at_most_once_is_one_answer_given_up_with_words(
    what: str, code: str, rule: str, words: str, tmp_path: Path
) -> None:
    outcome = outcome_of(changed(tmp_path, once(**{what: code})), rule)
    assert (outcome.state, words in outcome.text) == ("broken", True), outcome


NUMBERS = """

def number(word):
    return sum(ord(sign) * 7**place for place, sign in enumerate(word))


class Numbers(GoodFixtures):
    def vendor_id(self, neutral):
        return str(number(neutral))

    def raw(self, said):
        data = message(said)
        if said.answers:
            data["answers"] = f"chat:{number(said.answers)}@more@"
        return Raw(json.dumps(data).encode(), "application/json", NOW, {}, said.id)
"""


def test_ids_may_be_the_vendors_own(tmp_path: Path) -> None:
    kept = changed(tmp_path / "kept", fixtures=NUMBERS.replace("@more@", ""))
    assert outcome_of(kept, "threads").state == "kept"
    other = outcome_of(changed(tmp_path / "other", fixtures=NUMBERS.replace("@more@", "0")), "threads")
    assert other.state == "broken"
    assert "as the vendor calls sent-1, has the thread ('chat:" in other.text
    none = outcome_of(changed(tmp_path / "none", fixtures=NUMBERS.replace("str(number(neutral))", "''")), "threads")
    assert (none.state, "vendor_id('sent-1') in fixtures.py gave ''" in none.text) == ("broken", True)
    forgets = changed(tmp_path / "forgets", fixtures=NUMBERS.replace("@more@", ""), base="threads")
    assert "has the thread ()" in outcome_of(forgets, "threads").text


ONE_FILE = """

class One(GoodFixtures):
    most_files = 1

    def raw(self, said):
        assert len(said.attachments) <= 1
        return super().raw(said)
"""


def test_a_message_may_hold_one_file(tmp_path: Path) -> None:
    folder = changed(tmp_path / "one", fixtures=ONE_FILE)
    assert outcome_of(folder, "attachments").state == "kept"
    limit = outcome_of(folder, "attachments-limit")
    assert (limit.state, limit.text) == (
        "skipped", "a message of this vendor holds no more files than 1, and the host takes 100"
    )  # fmt: skip
    base = changed(tmp_path / "wrong", fixtures=ONE_FILE, base="attachments")
    assert outcome_of(base, "attachments").state == "broken"


class Odd(HttpVendor):
    """Says 403 for whoever is gone, and the seconds in the body."""

    statuses = {"gone": 403}
    wait_header = ""

    def error(self, status: int, words: str) -> Any:
        return {"code": status, "what": words, "because": self.trouble, "wait": BUSY}

    def answer(self, asked: Asked) -> Answer:
        return Answer("well")


def test_a_vendor_says_what_is_wrong_in_its_own_way() -> None:
    with Odd.running() as vendor:
        vendor.trouble = "gone"
        answer = requests.post(vendor.url, timeout=5)
        assert (answer.status_code, answer.json()["because"]) == (403, "gone")
        vendor.trouble = "busy"
        answer = requests.get(vendor.url, timeout=5)
        assert (answer.status_code, "Retry-After" in answer.headers, answer.json()["wait"]) == (429, False, BUSY)
        vendor.trouble = "denied"
        assert requests.get(vendor.url, timeout=5).json()["what"] == "the token is invalid"
        vendor.trouble = None
        assert requests.get(vendor.url, timeout=5).json() == "well"


class Asks(Channel):
    kind = "asks"
    title = "Asks"
    options = Options(
        Option("base_url", "Where.", default="https://asks.example"),
        Option("page", "How many.", type="number", default=50),
        Option("token", "Who.", secret=True, required=True),
    )


def test_a_desk_fills_up_the_options_as_the_house_does() -> None:
    with Desk({"token": "made-up-token", "page": "7"}, channel=Asks) as desk:
        wanted = {"base_url": "https://asks.example", "page": 7, "token": "made-up-token"}
        assert dict(desk.ctx().options) == wanted
    with pytest.raises(ValueError, match=r"for asks: pages: no such option; page: .*; token: must be given"):
        Desk({"pages": 1, "page": "many"}, channel=Asks)
    with Desk({"page": "7"}) as desk:
        assert dict(desk.ctx().options) == {"page": "7"}


@pytest.mark.slow
def test_what_is_left_out_is_said_with_the_level(tmp_path: Path) -> None:
    folder = changed(
        tmp_path,
        "# FILL IN: a guess\n" + (assembled("good", tmp_path / "first") / "__init__.py").read_text(),
        "\n\nclass Less(GoodFixtures):\n    cannot = {'flood': 'it is restarted every hour', "
        "'edits': 'nobody edits anything there'}\n",
    )
    outcomes = list(run(Located.of(folder)))
    assert (verdict(outcomes), left_out(outcomes)) == ("gold, 2 rules left out", 2)
    assert verdict([item for item in outcomes if item.rule != "flood"]) == "gold, 1 rule left out"
    done = CliRunner().invoke(check, [str(folder)])
    assert done.output.splitlines()[-1] == "good: gold, 2 rules left out"
    assert "marked FILL IN: 1, there the vendor is still a guess" in done.output
    report = json.loads(CliRunner().invoke(check, [str(folder), "--json"]).output)
    assert (report["level"], report["left_out"], report["skipped"]) == ("gold", 2, 2)


def test_below_bronze_nothing_is_left_out_of_a_level(tmp_path: Path) -> None:
    folder = changed(tmp_path, base="lossless")
    outcomes = list(run(Located.of(folder), level="bronze"))
    assert (reached(outcomes), verdict(outcomes), left_out(outcomes)) == (None, "below bronze", 0)
