"""The name that customers read is the operator's to set, at the first start and at any later one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from voc.core.settings import Settings
from voc.model import House
from voc.runtime.instance import open_instance


@pytest.mark.parametrize(
    ("company", "name", "short"),
    [
        ("", "voc", "voc"),
        (" Almacenes\nAurora ", "Almacenes Aurora", "Almacenes Aurora"),
        ("x" * 300, "x" * 120, "x" * 40),
    ],
)
def test_house_bears_the_name_of_the_setting(settings: Settings, company: str, name: str, short: str) -> None:
    runtime = open_instance(replace(settings, company=company), create=True)
    try:
        with runtime.db.reading() as session:
            house = session.get_one(House, 1)
        assert (house.name, house.short_name) == (name, short)
    finally:
        runtime.close()
    again = open_instance(replace(settings, company=""), create=True)
    try:
        with again.db.reading() as session:
            assert session.get_one(House, 1).name == name
    finally:
        again.close()
