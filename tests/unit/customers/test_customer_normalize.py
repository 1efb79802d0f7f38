"""How identities are compared: careful, stable, and never raising."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voc.core.vocabulary import IdentityKind
from voc.customers.normalize import email, handle, name_key, normalize, phone
from voc.customers.profile import Profile, read_profile

MIGRATION = Path(__file__).parents[3] / "migrations/versions/0003_search.py"


@pytest.mark.parametrize(
    ("typed", "known"),
    [
        ("Rosa.Quispe@Example.COM", "Rosa.Quispe@example.com"),
        (" rosa@example.com. ", "rosa@example.com"),
        ("rosa@münchen.example", "rosa@münchen.example"),
        ("rosa", None), ("@example.com", None), ("a@b@c", None), ("a b@c.d", None), ("", None), (None, None),
        ("Rosa <rosa@example.com>", None), ("rosa@example.com, ana@example.com", None), ("x" * 65 + "@a.b", None),
    ],
)  # fmt: skip
def test_email(typed: str | None, known: str | None) -> None:
    assert email(typed) == known


@pytest.mark.parametrize(
    ("typed", "known"),
    [
        ("+51 987-654 321", "+51987654321"), ("0051 987 654 321", "+51987654321"),
        ("+44 (0)20 7946 0958", "+442079460958"),
        ("987 654 321", "987654321"), ("(01) 234-5678", "012345678"),
        ("+051 987 654 321", None), ("12345", None), ("1" * 16, None), ("987654321 ext 5", None), ("987654321x5", None),
        ("", None), (None, None), ("٩٨٧٦٥٤٣٢١", None), ("+", None), ("--------", None),
    ],
)  # fmt: skip
def test_phone(typed: str | None, known: str | None) -> None:
    assert phone(typed) == known


def test_a_number_without_its_country_is_another_one() -> None:
    assert phone("987 654 321") != phone("+51 987 654 321")


@pytest.mark.parametrize(
    ("typed", "known"),
    [
        ("@Rosa@Example.Social", "@rosa@example.social"), ("rosa@example.social", "@rosa@example.social"),
        ("@rosa.bsky.social", "@rosa.bsky.social"), ("@a@127.0.0.1:3000", "@a@127.0.0.1:3000"),
        ("@rosa", None), ("rosa", None), ("@@x", None), ("@rosa@", None), ("@ro sa@x.y", None),
        ("@.@.", None), ("", None),
    ],
)  # fmt: skip
def test_handle(typed: str, known: str | None) -> None:
    assert handle(typed) == known


def test_names_and_numbers() -> None:
    assert name_key("  Ángela   MUÑOZ ") == "angela munoz"
    assert name_key("") is name_key(None) is name_key("   ") is None
    assert normalize(IdentityKind.EXTERNAL_ID, "C-7") == "C-7"
    assert normalize(IdentityKind.EXTERNAL_ID, "c-7") != "C-7", "what looks alike there may be two people"
    assert normalize(IdentityKind.EXTERNAL_ID, "a\x00b") is None


@given(st.sampled_from(list(IdentityKind)), st.text(max_size=400))
def test_normalizing_twice_changes_nothing(kind: IdentityKind, typed: str) -> None:
    known = normalize(kind, typed)
    if known is not None:
        assert normalize(kind, known) == known
        assert len(known) <= 320
        assert known.encode()


def migration() -> ModuleType:
    spec = importlib.util.spec_from_file_location("migration_0003", MIGRATION)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@given(st.one_of(st.text(max_size=60), st.from_regex(r"\A[+0-9 ()\-]{0,20}\Z"), st.emails()))
def test_the_migration_compares_alike(typed: str) -> None:
    """What was there before the upgrade is found like what came later."""
    old = _OLD
    assert (old.email(typed), old.phone(typed), old.name_key(typed)) == (email(typed), phone(typed), name_key(typed))


_OLD = migration()


def test_profile_fields() -> None:
    fields, errors = read_profile(
        Profile(name=" Ana\nMaría ", language="es", preferred_channel="email", segment="VIP", value="12 000"),
        channels=["email"],
    )
    assert errors == {}
    assert fields == {
        "name": "Ana María", "language": "es", "preferred_channel": "email", "segment": "VIP", "value": 12000,
    }  # fmt: skip
    fields, errors = read_profile(Profile(), channels=[])
    assert errors == {}
    assert set(fields.values()) == {None}
    _, errors = read_profile(
        Profile(name="x" * 201, language="xx", preferred_channel="post", segment="y" * 41, value="1.5"),
        channels=["email"],
    )
    assert set(errors) == {"name", "language", "preferred_channel", "segment", "value"}


@given(st.text(max_size=40))
def test_a_value_is_a_number_or_refused(typed: str) -> None:
    fields, errors = read_profile(Profile(value=typed), channels=[])
    value = fields["value"]
    assert ("value" in errors) == (value == -1 or (isinstance(value, int) and value > 10**15))
