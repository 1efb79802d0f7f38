"""Servers that tests start for a while."""

from __future__ import annotations

import asyncio

from aiosmtpd.controller import Controller


class MailServer(Controller):
    """aiosmtpd on a port of the system's choice."""

    def _trigger_server(self) -> None:
        assert isinstance(self.server, asyncio.Server)
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()
