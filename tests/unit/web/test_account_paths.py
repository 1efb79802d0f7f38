"""Where a page may send somebody next."""

from __future__ import annotations

from urllib.parse import urljoin, urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from voc.web.account.paths import local_path, page_of

HERE = "https://voc.example/login"


@given(st.text(alphabet="/\\:?#@.ahtpsjv%\t\r\n eé", max_size=30))
@example("//evil.example")
@example("/\\evil.example")
@example("/\t/evil.example")
@example("https:evil.example")
def test_what_is_accepted_never_leaves_the_house(value: str) -> None:
    """A browser that follows an accepted value stays on the same server."""
    accepted = local_path(value)
    if accepted is not None:
        # Browsers read a backslash as a slash and drop tabs and line breaks.
        read = accepted.replace("\\", "/").replace("\t", "").replace("\n", "").replace("\r", "")
        assert urlsplit(urljoin(HERE, read)).netloc == "voc.example"


@pytest.mark.parametrize("value", ["/inbox", "/cases/1?open=x#y", "/"])
def test_own_paths_pass(value: str) -> None:
    """Ordinary paths come through unchanged."""
    assert local_path(value) == value


@pytest.mark.parametrize("value", [None, "", "inbox", "https://voc.example/inbox", "/" + "x" * 3000])
def test_others_do_not(value: str | None) -> None:
    """Nothing, relative paths, whole addresses and endless ones are no goal."""
    assert local_path(value) is None


@pytest.mark.parametrize(
    ("path", "page"),
    [
        ("/cases/7/say", "/cases/7"),
        ("/feedback/7/stance", "/feedback/7"),
        ("/settings/users/7/link", "/settings/users"),
        ("/judge/7", "/judge"),
        ("/channels/7/receipts/8/replay", "/channels/7"),
        ("/channels/new", "/channels/new"),
        ("/account/password", "/account"),
        ("/", "/"),
    ],
)
def test_the_page_behind_an_act(path: str, page: str) -> None:
    """A POST belongs to the page whose button was pressed."""
    assert page_of(path) == page
