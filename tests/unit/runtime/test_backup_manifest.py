"""A manifest that means harm is refused before anything is written."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voc.core.errors import Invalid
from voc.runtime.backup.manifest import Entry, Manifest, is_safe

FILES = {"database/voc.db": Entry(10, "a" * 64), "key": Entry(45, "b" * 64)}
GOOD = Manifest("0.1.0", "sqlite", "0001", "c" * 64, "file", datetime(2026, 3, 4, tzinfo=UTC), {"feedback": 0}, FILES)

PARTS = st.sampled_from(["plugins", "..", ".", "", "/", "a", "key", "database", "voc.db", "\\", "\x00", "ñ", "~"])


def test_what_is_written_is_read() -> None:
    assert Manifest.from_json(GOOD.to_json()) == GOOD


@given(st.lists(PARTS, max_size=6).map("/".join) | st.text(max_size=20))
def test_no_name_leads_out_of_the_folder(name: str) -> None:
    if is_safe(name, "sqlite"):
        root = PurePosixPath("/instance")
        inside = PurePosixPath("/instance", name)
        assert ".." not in inside.parts
        assert inside.is_relative_to(root)
        assert inside != root
        assert str(PurePosixPath(name)) == name
        assert Path(name).parts[0] in ("plugins", "key", "settings.env", "database")


@given(st.binary(max_size=60) | st.from_type(dict[str, int]).map(lambda item: json.dumps(item).encode()))
def test_anything_else_is_refused(raw: bytes) -> None:
    with pytest.raises(Invalid):
        Manifest.from_json(raw)


@pytest.mark.parametrize(
    "change",
    [
        {"format": 2},
        {"database": "oracle"},
        {"key": "elsewhere"},
        {"key": "outside"},
        {"revision": "../0001"},
        {"files": {}},
        {"files": {"database/voc.db": {"size": -1, "sha256": "a" * 64}}},
        {"files": {"database/voc.db": {"size": True, "sha256": "a" * 64}}},
        {"files": {"database/voc.db": {"size": 1, "sha256": "no"}}},
        {"counts": {"feedback": "many"}},
        {"created_at": "yesterday"},
    ],
)
def test_wrong_parts_are_refused(change: dict[str, object]) -> None:
    data = json.loads(GOOD.to_json()) | change
    with pytest.raises(Invalid):
        Manifest.from_json(json.dumps(data).encode())


def test_a_deep_manifest_is_refused() -> None:
    with pytest.raises(Invalid):
        Manifest.from_json(b"[" * 100_000)


def test_key_must_be_where_it_is_said_to_be() -> None:
    with pytest.raises(Invalid):
        replace(GOOD, files={"database/voc.db": FILES["database/voc.db"]}).check()
