"""What stands around the code of a new plugin: plugin.toml, README, packaging, test, CI."""

from __future__ import annotations

from collections.abc import Mapping

# Options by the capabilities that need them: name, label and help in es, then in pt.
OPTIONS = (
    ("base_url", {"FETCH", "SEND"}, "Dirección", "Del servidor.", "Endereço", "Do servidor."),
    ("token", {"FETCH", "SEND"}, "Clave de acceso", "Con la que voc entra.", "Chave de acesso", "Com que o voc entra."),
    ("secret", {"ACCEPT"}, "Secreto", "Con el que se firma.", "Segredo", "Com que se assina."),
)


def filled(text: str, words: Mapping[str, str]) -> str:
    """`text` with `@word@` replaced."""
    for name, value in words.items():
        text = text.replace(f"@{name}@", value)
    return text


def manifest(words: Mapping[str, str], capabilities: frozenset[str]) -> str:
    """plugin.toml."""
    listed = ", ".join(f'"{name}"' for name in sorted(capabilities))
    text = filled(_MANIFEST, {**words, "capabilities": listed})
    for language, place in (("es", 2), ("pt", 4)):
        text += filled(_TEXTS[language], words)
        lines = [
            f'{row[0]} = {{label = "{row[place]}", help = "{row[place + 1]}"}}'
            for row in OPTIONS
            if row[1] & capabilities
        ]
        if lines:
            text += f"\n[texts.{language}.options]\n" + "\n".join(lines) + "\n"
    return text


def readme(words: Mapping[str, str], capabilities: frozenset[str]) -> str:
    """README.md."""
    return filled(_README, {**words, "capabilities": ", ".join(sorted(capabilities))})


def pyproject(words: Mapping[str, str]) -> str:
    """pyproject.toml."""
    return filled(_PYPROJECT, words)


def workflow(words: Mapping[str, str]) -> str:
    """The CI snippet."""
    return filled(_WORKFLOW, words)


def test(words: Mapping[str, str]) -> str:
    """The conformance test."""
    return filled(_TEST, words)


_MANIFEST = """\
# What voc must know about the plugin without running it.
name = "@name@"
title = "@title@"
# FILL IN: what it brings, in one sentence.
description = "What customers say in @title@."
version = "0.1.0"
contract = @contract@
kinds = ["@kind@"]
capabilities = [@capabilities@]
# The level of `voc plugin check` that it reaches: raise it as you go on.
level = "bronze"
"""

_TEXTS = {
    "es": """
# FILL IN: the same for people who read Spanish, and below for Portuguese.
[texts.es]
title = "@title@"
description = "Lo que dicen los clientes en @title@."
""",
    "pt": """
[texts.pt]
title = "@title@"
description = "O que os clientes dizem em @title@."
""",
}

_README = """\
# @title@ for voc

A channel plugin: it brings what customers say in @title@ to voc. It can: @capabilities@.

## Fill it in

1. `@name@/__init__.py` is the channel. Whatever is marked `FILL IN` is a guess about the vendor.
2. `@name@/fixtures.py` shows the conformance kit what the vendor's messages, requests and server look like.
3. `@name@/plugin.toml` says what voc must know, in English, Spanish and Portuguese.

## Check it

```
voc plugin check .
pytest
```

The first says level by level what is right and what is wrong; the second does the same as tests.

## Use it

Drop the folder `@name@` into `instance/plugins/`, or install this project where voc is installed (`pip install .`).
Then `voc plugin list` shows it, and `voc channel add @kind@ "My @title@"` makes a channel.
"""

_PYPROJECT = """\
[build-system]
requires = ["setuptools>=77"]
build-backend = "setuptools.build_meta"

[project]
name = "voc-@dashed@"
version = "0.1.0"
description = "@title@ @about@ voc"
readme = "README.md"
requires-python = ">=3.11"
keywords = ["voc", "voc-plugin"]
classifiers = ["Environment :: Plugins", "Programming Language :: Python :: 3"]
dependencies = ["voc-server"]

[project.optional-dependencies]
test = ["pytest"]

[project.entry-points."voc.plugins"]
@name@ = "@name@"

[tool.setuptools]
packages = ["@name@"]

[tool.setuptools.package-data]
"@name@" = ["plugin.toml"]

[tool.pytest.ini_options]
testpaths = ["tests"]
pythonpath = ["."]
"""

_WORKFLOW = """\
# The level that plugin.toml claims, held on every change.
name: conformance
on: [push, pull_request]
jobs:
  check:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-python@v5
        with:
          python-version: "3.11"
      - run: pip install ".[test]"
      - run: voc plugin check .
      - run: pytest
"""

_TEST = '''\
"""@title@ keeps the rules of the conformance kit."""

from pathlib import Path

import @name@
from voc.testkit import ChannelSuite


class TestConformance(ChannelSuite):
    plugin = Path(@name@.__file__).parent
    # FILL IN: raise it together with `level` in plugin.toml.
    level = "bronze"
'''
