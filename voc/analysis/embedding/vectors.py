"""Vectors as they are kept, and how near they are. Pure; needs numpy, which comes with the extra `embeddings`.

A vector is kept as signed bytes, one for each number, scaled so that the largest becomes 127: only its direction means
something, and that is off by less than two thousandths.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

Vector = Any
ENOUGH = 30  # vectors from which their middle says something


def packed(vector: Vector) -> bytes:
    """A vector as it is kept. Raises ValueError for one that points nowhere."""
    import numpy as np

    values = np.asarray(vector, dtype=np.float32)
    largest = float(np.abs(values).max()) if values.size else 0.0
    if not 0.0 < largest < float("inf"):
        raise ValueError("a vector without direction")
    return bytes(np.round(values / largest * 127).astype(np.int8).tobytes())


def unpacked(kept: Sequence[bytes]) -> Vector:
    """Kept vectors as rows of length one. Raises ValueError when they are not of one length."""
    import numpy as np

    if len({len(one) for one in kept}) > 1:
        raise ValueError("vectors of different models")
    rows = np.frombuffer(b"".join(kept), dtype=np.int8).reshape(len(kept), -1).astype(np.float32)
    return _directions(rows)


def closeness(one: Vector, rows: Vector) -> list[float]:
    """The cosine of a vector and each row: 1 is the same direction."""
    import numpy as np

    return [float(value) for value in rows @ _directions(np.asarray(one, dtype=np.float32))]


def nearness(question: Vector, rows: Vector) -> list[float]:
    """How near each row is to a question, 1 at most, seen from the middle of all rows.

    The model puts every text into one corner, where everything is near: only what differs from the common tells
    something. With few rows there is no middle yet, and the plain cosine it is.
    """
    import numpy as np

    if len(rows) < ENOUGH:
        return closeness(question, rows)
    middle = rows.mean(axis=0)
    asked = _directions(np.asarray(question, dtype=np.float32)) - middle
    # The cosine of (row - middle) and asked, without making such rows: they have length one.
    across = rows @ middle
    lengths = np.sqrt(np.maximum(1.0 - 2.0 * across + middle @ middle, 1e-12)) * max(float(np.linalg.norm(asked)), 1e-6)
    return [float(value) for value in (rows @ asked - middle @ asked) / lengths]


def _directions(rows: Vector) -> Vector:
    """Rows, or one vector, of length one; one without length stays as it is."""
    import numpy as np

    lengths = np.linalg.norm(rows, axis=-1, keepdims=True)
    return rows / np.where(lengths > 0, lengths, 1.0)
