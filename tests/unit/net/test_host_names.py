"""What somebody typed where a host name belongs: no name is a failed look-up, never another exception."""

from __future__ import annotations

import socket

import pytest

from voc.net.addresses import AddressGuard

LOOPBACK = AddressGuard.of("127.0.0.0/8")


@pytest.mark.parametrize("host", ["ñ" * 3000, "a" * 300, "a..b", "\x00", "\ud83d"])
def test_what_can_be_no_name_is_not_found(host: str) -> None:
    with pytest.raises(socket.gaierror):
        LOOPBACK.resolve(host, 80)


def test_a_name_is_found() -> None:
    assert LOOPBACK.resolve("127.0.0.1", 80) == [(int(socket.AF_INET), "127.0.0.1")]
