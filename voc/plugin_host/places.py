"""Where in a plugin's own files something went wrong: for the reason an operator reads, and for its author."""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from pathlib import Path

# Frames that an author is shown, and characters of one.
FRAMES = 4
LONGEST_FRAME = 300


def place_of(error: BaseException, folder: Path) -> str:
    """`acme_chat/__init__.py:12`: the innermost line of the plugin in `folder` on the way to `error`, empty when none
    of its lines was on it."""
    for found in _chain(error):
        if isinstance(found, SyntaxError) and found.filename:
            lines = [(found.filename, found.lineno)]
        else:
            lines = [(frame.filename, frame.lineno) for frame in traceback.extract_tb(found.__traceback__)]
        own = [place for place in (_within(folder, *line) for line in lines) if place]
        if own:
            return own[-1]
    return ""


def frames_of(error: BaseException) -> list[str]:
    """The last frames of a traceback, outermost first: `…/acme_chat/__init__.py:12 in read: score = said["x"]`. What
    came from a process of its own brings its frames as a note."""
    if notes := getattr(error, "__notes__", None):
        return [str(note)[:LONGEST_FRAME] for note in notes[-FRAMES:]]
    if isinstance(error, SyntaxError) and error.filename:
        # Nobody called it: the place is the line itself, with a mark below the column.
        where = f"{error.filename}:{error.lineno}:{error.offset or 1}"
        line = (error.text or "").rstrip()
        mark = " " * max(0, (error.offset or 1) - 1 - (len(line) - len(line.lstrip()))) + "^"
        return [where[:LONGEST_FRAME], *([line.strip()[:LONGEST_FRAME], mark[:LONGEST_FRAME]] if line else [])]
    # Python's own machinery of importing stands between each two modules, and nobody can read it.
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if not frame.filename.startswith("<frozen ")]
    return [
        f"{frame.filename}:{frame.lineno} in {frame.name}: {(frame.line or '').strip()}"[:LONGEST_FRAME]
        for frame in frames[-FRAMES:]
    ]


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """An error and those that it came from."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def _within(folder: Path, filename: str, line: int | None) -> str:
    try:
        path = Path(filename).relative_to(folder.parent)
    except ValueError:
        return ""
    return f"{path}:{line or 1}" if path.parts[:1] == (folder.name,) else ""
