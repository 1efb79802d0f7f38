"""The one file that holds the model: a manifest anybody can read, then the weight tables, compressed.

Layout: ``VOCMODEL`` and a line feed, the length of the manifest as decimal digits and a line feed, the manifest (JSON,
sorted keys), then the tables as one zlib stream in the order in which the manifest names them. The same training data
give the same bytes.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Any

from voc.analysis.linear.table import Table, table

MAGIC = b"VOCMODEL\n"
FORMAT = 1
LARGEST = 5_000_000  # bytes of the file
FILE = "model.voc"


class Damaged(ValueError):
    """A file that is no model, or one that was changed."""


@dataclass(frozen=True, slots=True)
class Artifact:
    """Tables by name and what the manifest says of how they were made."""

    manifest: Mapping[str, Any]
    tables: Mapping[str, Table]
    seen: bytes  # one bit for each word that training has seen


def pack(manifest: Mapping[str, Any], bodies: Mapping[str, bytes]) -> bytes:
    """The file; ``manifest["tables"]`` is filled in here with the name and size of each body, in order."""
    whole = b"".join(bodies[name] for name in sorted(bodies))
    described = dict(manifest, format=FORMAT, bodies=[[name, len(bodies[name])] for name in sorted(bodies)])
    described["weights_sha256"] = sha256(whole).hexdigest()
    head = json.dumps(described, sort_keys=True, indent=1, ensure_ascii=False).encode()
    return MAGIC + str(len(head)).encode() + b"\n" + head + zlib.compress(whole, 9)


def unpack(data: bytes) -> tuple[dict[str, Any], dict[str, bytes]]:
    """Manifest and bodies of a file. Raises Damaged on anything that is not one, or was changed."""
    if not data.startswith(MAGIC) or len(data) > LARGEST:
        raise Damaged("this is no model file")
    length, _, rest = data[len(MAGIC) :].partition(b"\n")
    try:
        manifest = json.loads(rest[: int(length)])
        whole = zlib.decompress(rest[int(length) :])
    except (ValueError, zlib.error) as error:
        raise Damaged(f"the model file is cut or changed: {error}") from None
    if manifest.get("format") != FORMAT:
        raise Damaged(f"model format {manifest.get('format')!r} is not {FORMAT}")
    if sha256(whole).hexdigest() != manifest["weights_sha256"]:
        raise Damaged("the weights are not those that the manifest names")
    bodies, place = {}, 0
    for name, long in manifest["bodies"]:
        bodies[name] = whole[place : place + long]
        place += long
    return manifest, bodies


def load(data: bytes) -> Artifact:
    """An artifact from the bytes of its file. Raises Damaged."""
    manifest, bodies = unpack(data)
    tables = {
        name: table(head["classes"], bodies[name], head["scale"], head["bias"])
        for name, head in manifest["heads"].items()
    }
    return Artifact(manifest, tables, bodies["seen"])


@cache
def shipped() -> Artifact:
    """The model that ships with the product, read once."""
    return load((files("voc.analysis.linear") / FILE).read_bytes())
