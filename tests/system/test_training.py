"""The model that ships is made again from the committed corpus and the open data, byte for byte."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow


def test_the_model_is_reproduced() -> None:
    data = os.environ.get("VOC_TRAINING_DATA")
    if not data or not (Path(data) / "sentiment" / "open").is_dir():
        pytest.skip("VOC_TRAINING_DATA names no folder with the open data: the model is not made again")
    command = [sys.executable, "-m", "voc.analysis.training", "--data", data, "--check"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=900, check=False)
    assert (done.returncode, done.stderr.splitlines()[-1]) == (0, "the model is reproduced"), done.stderr


def test_without_data_it_says_what_is_missing(tmp_path: Path) -> None:
    plain = {name: value for name, value in os.environ.items() if name != "VOC_TRAINING_DATA"}
    for more, sentence in (((), "where is the open data?"), (("--data", str(tmp_path)), "training data is missing")):
        command = [sys.executable, "-m", "voc.analysis.training", *more]
        done = subprocess.run(command, env=plain, capture_output=True, text=True, timeout=120, check=False)
        assert (done.returncode, sentence in done.stderr) == (2, True), done.stderr
