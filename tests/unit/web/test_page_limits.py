"""Who is counted together."""

from __future__ import annotations

import pytest
from flask import Flask

from voc.web.limits import address


@pytest.mark.parametrize(
    ("remote", "counted"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("not an address", "not an address"),
    ],
)
def test_a_household_is_one_address(remote: str, counted: str) -> None:
    with Flask("limits").test_request_context(environ_base={"REMOTE_ADDR": remote}):
        assert address() == counted
