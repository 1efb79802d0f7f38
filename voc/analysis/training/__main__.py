"""Makes the model file from the labelled data.

    python -m voc.analysis.training [--data DIR] [--out FILE] [--check]

``--data`` (default: the setting ``VOC_TRAINING_DATA``) is the folder with ``sentiment/open``. The same files give the
same bytes; ``--check`` writes nothing and exits 1 when the shipped file is another one.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from voc.analysis.linear import artifact
from voc.analysis.training.making import make


def main(arguments: list[str]) -> int:
    """Make the model; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m voc.analysis.training", description="Make the model that ships.")
    given = os.environ.get("VOC_TRAINING_DATA")
    parser.add_argument("--data", type=Path, default=given, help="folder of the open data")
    parser.add_argument("--out", type=Path, default=Path(artifact.__file__).with_name(artifact.FILE))
    parser.add_argument("--check", action="store_true", help="only compare with the file that is there")
    chosen = parser.parse_args(arguments)
    if chosen.data is None:
        sys.stderr.write("where is the open data? say --data DIR or set VOC_TRAINING_DATA\n")
        return 2
    try:
        made = make(Path(chosen.data), _say)
    except FileNotFoundError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    if chosen.check:
        same = chosen.out.is_file() and chosen.out.read_bytes() == made
        sys.stderr.write("the model is reproduced\n" if same else "the model differs from the one that is there\n")
        return 0 if same else 1
    chosen.out.write_bytes(made)
    sys.stderr.write(f"{chosen.out.name}: {len(made):,} bytes\n")
    return 0


def _say(line: str) -> None:
    """One line of progress."""
    sys.stderr.write(line + "\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
