"""A folder that stays as it was is not walked through; whatever comes into it is found."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from jupyter_aml.runner import new_files


def tick() -> None:
    """Until the clock that files are stamped with has passed this moment.

    It lags behind the finer one, with which newer kernels stamp what was looked at just before.
    """
    before = time.time_ns()
    while new_files.moment() <= before:
        time.sleep(0.001)


@pytest.fixture
def known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A folder that was looked into, long enough after its last change."""
    monkeypatch.setattr(new_files, "_COARSEST", 0)
    monkeypatch.setattr(new_files, "_COARSE_OF_FINE", 0)
    (tmp_path / "old").touch()
    tick()
    folder = str(tmp_path)
    assert new_files.since(folder, new_files.moment()) == []
    assert folder in new_files._flat
    tick()
    return folder


def test_nothing_is_looked_at_twice(known: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(new_files, "_look", None)
    assert new_files.since(known, new_files.moment()) == []


def test_a_new_file_is_found(known: str) -> None:
    start = new_files.moment()
    Path(known, "new").touch()
    assert new_files.since(known, start) == ["new"]
    tick()
    assert new_files.since(known, new_files.moment()) == []


def test_a_new_folder_is_looked_into_from_then_on(known: str) -> None:
    inside = Path(known, "inside")
    inside.mkdir()
    tick()
    for name in ("one", "two"):
        start = new_files.moment()
        (inside / name).touch()
        assert new_files.since(known, start) == [f"inside/{name}"]
        tick()


def test_a_time_stamp_that_was_set_back_deceives_nobody(known: str) -> None:
    before = os.stat(known)
    start = new_files.moment()
    Path(known, "inside").mkdir()
    Path(known, "inside", "new").touch()
    os.utime(known, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert new_files.since(known, start) == ["inside/new"]


@pytest.mark.parametrize(
    ("stamp", "passed", "is_known"),
    [
        (1_700_000_000_123_456_789, 0.05, False),
        (1_700_000_000_123_456_789, 0.15, True),
        (1_700_000_000_000_000_000, 0.15, False),
        (1_700_000_000_000_000_000, 3.9, False),
        (1_700_000_000_000_000_000, 4.1, True),
    ],
)
def test_how_long_a_folder_must_have_stayed_as_it_is(
    stamp: int, passed: float, is_known: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the filesystem's clock has coarse steps another change may bear the same stamp."""
    monkeypatch.setattr(new_files, "moment", lambda: stamp + int(passed * 1e9))
    assert new_files._is_old((1, stamp - 10**9, stamp)) is is_known


def test_of_a_folder_that_has_just_changed_nothing_is_concluded(tmp_path: Path) -> None:
    """The next change might bear the same time stamp."""
    (tmp_path / "new").touch()
    new_files.since(str(tmp_path), new_files.moment())
    assert str(tmp_path) not in new_files._flat
