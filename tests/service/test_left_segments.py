"""Which segments of shared memory the service removes."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from jupyter_aml.service.left_segments import GRACE_SECONDS, sweep

NOW = 1_800_000_000.0


@pytest.mark.parametrize(
    ("name", "age", "is_left"),
    [
        ("7.1700000000.1", GRACE_SECONDS + 1, False),
        ("7.1700000000.1", GRACE_SECONDS - 1, True),
        ("8.1700000000.1", GRACE_SECONDS + 1, True),
        ("something-else", GRACE_SECONDS + 1, True),
        ("7", GRACE_SECONDS + 1, True),
    ],
)
def test_old_segments_of_processes_that_are_gone(
    tmp_path: Path, name: str, age: float, is_left: bool
) -> None:
    path = tmp_path / name
    path.write_bytes(b"x")
    os.utime(path, (NOW - age, NOW - age))
    sweep(tmp_path, exists=lambda pid: pid == 8, now=lambda: NOW)
    assert path.exists() == is_left


def test_no_folder_is_no_error(tmp_path: Path) -> None:
    sweep(tmp_path / "none")
