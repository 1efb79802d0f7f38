"""Asking the limited children about mail and HTML: bytes in, plain data out, `Unable` when it cannot be had."""

from __future__ import annotations

import importlib.util
import json
import struct
from pathlib import Path
from typing import Any

from voc.process.limited import MB, Limits, Pool, Unable

MODULE = "voc.process.parsing.child"
# Bytes of one mail; providers take 25 to 50 MB.
LARGEST = 40 * MB
LONGEST_HTML = 2_000_000
# Seconds of computing: what any mail may take, and what each MB adds.
CPU = 3.0
CPU_A_MB = 0.15

_LENGTH = struct.Struct(">I")


class MailReader:
    """Reads mail and HTML in children of its own, started when first asked; for any number of threads."""

    def __init__(self, *, size: int = 2, limits: Limits | None = None) -> None:
        self._pool = Pool(MODULE, size=size, limits=limits, folders=_folders())

    def mail(self, body: bytes) -> dict[str, Any]:
        """The fields of `voc.plugin.Mail` as plain data; `attachments` are (name, type, size, bytes).

        Raises Unable with what is wrong with this mail.
        """
        if len(body) > LARGEST:
            raise Unable(f"it has {len(body):,} bytes, and no more than {LARGEST:,} are taken apart")
        found, files = self._ask(b"M", body, CPU + CPU_A_MB * len(body) / MB)
        kept = []
        for name, kind, size, length in found["attachments"]:
            kept.append((name, kind, size, files[:length]))
            files = files[length:]
        return {**found, "attachments": kept}

    def text_of_html(self, html: str) -> str:
        """The text of HTML; raises Unable when even that cannot be had."""
        found, _ = self._ask(b"H", html[:LONGEST_HTML].encode("utf-8", "replace"), CPU)
        return str(found["text"])

    def close(self) -> None:
        """End the children."""
        self._pool.close()

    def _ask(self, kind: bytes, body: bytes, cpu: float) -> tuple[dict[str, Any], memoryview]:
        """(the data, the bytes behind it) of an answer."""
        answer = self._pool.ask(kind, body, cpu=cpu)
        if not answer.startswith(b"0"):
            raise Unable(answer[1:].decode("utf-8", "replace"))
        (length,) = _LENGTH.unpack_from(answer, 1)
        found: dict[str, Any] = json.loads(answer[5 : 5 + length])
        return found, memoryview(answer)[5 + length :]


def _folders() -> list[str]:
    """Where the children find voc and quotequail; neither is imported here to be found."""
    here = Path(__file__).resolve().parents[2]
    spec = importlib.util.find_spec("quotequail")
    other = Path(spec.origin).parents[1] if spec and spec.origin else here
    return list(dict.fromkeys([str(here), str(other)]))
