"""Files are not read again while their size and time stay, unless the time may not tell."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from jupyter_aml.service.backends.local.jobs.snapshots import Snapshots
from jupyter_aml.service.content import ContentStore

Key = Callable[[Path], str]
"""What a store calls that which a folder holds."""


def snapshots(folder: Path) -> Key:
    store = Snapshots(folder)
    return lambda source: store.take(source, 100).id


def contents(folder: Path) -> Key:
    store = ContentStore(folder)
    return lambda source: store.put(source).key


@pytest.mark.parametrize("made", [snapshots, contents])
@pytest.mark.parametrize(("seconds", "is_seen"), [(0, True), (60, False)])
def test_a_change_within_a_tick_of_the_filesystems_clock(
    tmp_path: Path, made: Callable[[Path], Key], seconds: int, is_seen: bool
) -> None:
    """Of a file that is old enough there is none, so that it is read once."""
    key = made(tmp_path / "store")
    path = tmp_path / "code" / "train.py"
    path.parent.mkdir()
    path.write_text("print(1)")
    set_time(path, time.time_ns() - seconds * 10**9)
    before, changed_ns = key(path.parent), path.stat().st_mtime_ns
    path.write_text("print(2)")
    set_time(path, changed_ns)
    assert (key(path.parent) != before) is is_seen


def set_time(path: Path, nanoseconds: int) -> None:
    os.utime(path, ns=(nanoseconds, nanoseconds))
