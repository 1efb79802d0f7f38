"""Loading without garbage collection: what it leaves behind."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from types import ModuleType

import pytest

from voc.core.loading import loading


@pytest.fixture(autouse=True)
def collecting() -> Iterator[None]:
    assert gc.isenabled()
    yield
    sys.modules.pop("voc_made_up", None)
    gc.unfreeze()
    gc.enable()


def test_nothing_is_collected_inside_and_everything_after() -> None:
    with loading():
        assert not gc.isenabled()
        with loading():
            assert not gc.isenabled()
        assert not gc.isenabled()
    assert gc.isenabled()


def test_an_error_inside_switches_it_on_again() -> None:
    with pytest.raises(ZeroDivisionError), loading():
        raise ZeroDivisionError
    assert gc.isenabled()


def test_who_wants_no_collection_keeps_none() -> None:
    gc.disable()
    with loading():
        pass
    assert not gc.isenabled()


def test_only_what_was_imported_is_put_aside() -> None:
    before = gc.get_freeze_count()
    with loading():
        pass
    assert gc.get_freeze_count() == before
    with loading():
        sys.modules["voc_made_up"] = ModuleType("voc_made_up")
    assert gc.get_freeze_count() > before
