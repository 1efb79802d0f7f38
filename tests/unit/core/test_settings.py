"""What the environment may say."""

from __future__ import annotations

from pathlib import Path

import pytest

from voc.core.settings import SettingError, load


def test_a_variable_that_nothing_reads_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match="VOC_PROT"):
        load({"VOC_INSTANCE": str(tmp_path), "VOC_PROT": "8081"})


def test_the_trainer_s_variable_does_not_disturb_the_server(tmp_path: Path) -> None:
    found = load({"VOC_INSTANCE": str(tmp_path), "VOC_TRAINING_DATA": "/somewhere"})
    assert found.instance == tmp_path
