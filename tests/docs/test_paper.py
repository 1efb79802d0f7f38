"""What follows a page notices when the page is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from .desk import Desk
from .paper import ByHand, File, Shown, Typed, is_seen, put_in, steps

PAGE = """\
Write this:

`a/b.py`:

```python
x = 1
```

`a/b.py`, instead of `x`:

```python
x = 2
```

```console second terminal
$ cat a/b.py
x = 2
$ true
```

<!-- by hand: answer -->

> Lo sentimos.

```toml
x = 3
```
"""
SOURCE = """\
import os

# About it.
LIMIT = 3


class A:
    name = "a"

    def one(self):
        return 1

    @property
    def two(self):
        return 2


def last():
    return LIMIT
"""


def test_what_a_reader_does() -> None:
    assert list(steps(PAGE)) == [
        File("a/b.py", "all of it", "x = 1\n"),
        File("a/b.py", "instead of `x`", "x = 2\n"),
        Typed("second terminal", "cat a/b.py", "x = 2\n"),
        Typed("second terminal", "true", ""),
        ByHand("answer", "Lo sentimos."),
        Shown("toml", "x = 3\n"),
    ]


@pytest.mark.parametrize(
    ("wanted", "output", "same"),
    [
        ("a\nb\n", "a\nb\n", True),
        ("a\nb\n", "a\nb\nc\n", False),
        ("a\n", "", False),
        ("took … s\n", "took 1.2 s\n", True),
        ("took … s\n", "took 1.2 m\n", False),
        ("…\nend\n", "a\nb\nend\n", True),
        ("…\nend\n", "end\n", True),
        ("…\nend\n", "end\nmore\n", False),
        ("", "a\n", False),
    ],
)
def test_what_is_seen(wanted: str, output: str, same: bool) -> None:
    assert is_seen(wanted, output) is same


def test_where_code_goes() -> None:
    assert "import os" not in put_in(SOURCE, "everything above `one`", "class A:\n")
    changed = put_in(SOURCE, "instead of `two` and `name`", "    name = 'b'\n\n")
    assert "@property" not in changed
    assert changed.index("name = 'b'") < changed.index("def one")
    assert put_in(SOURCE, "instead of `LIMIT`", "LIMIT = 4\n\n\n").startswith("import os\n\nLIMIT = 4\n\n\nclass A")
    assert "def new(): ...\n\n\ndef last" in put_in(SOURCE, "above `last`", "def new(): ...\n")
    for how in ("instead of `three`", "somewhere near `one`"):
        with pytest.raises(LookupError):
            put_in(SOURCE, how, "")


def test_a_page_that_is_wrong_is_noticed(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.write(File("a/b.txt", "all of it", "one\n"))
    desk.type(Typed("", "cat a/b.txt", "one\n"))
    desk.type(Typed("", "cd a", ""))
    desk.type(Typed("", "cat b.txt", "one\n"))
    with pytest.raises(AssertionError, match="instead of"):
        desk.type(Typed("", "cat b.txt", "two\n"))
