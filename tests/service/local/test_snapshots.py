"""What of a code folder travels."""

from __future__ import annotations

from pathlib import Path

import pytest

from jupyter_aml.model.errors import Invalid, TooLarge
from jupyter_aml.service.backends.local.jobs.snapshots import Snapshots


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "code"
    for name, text in {
        "train.py": "print(1)",
        "data/a.csv": "1,2",
        "data/b.bin": "xx",
        ".git/config": "x",
        "pkg/__pycache__/m.pyc": "x",
        "env/pyvenv.cfg": "home = x",
        "env/bin/python": "x",
    }.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def laid_out(snapshots: Snapshots, source: Path, target: Path) -> set[str]:
    taken = snapshots.take(source, 100)
    snapshots.lay_out(taken.id, target)
    return {p.relative_to(target).as_posix() for p in target.rglob("*") if p.is_file()}


@pytest.fixture
def snapshots(tmp_path: Path) -> Snapshots:
    return Snapshots(tmp_path / "store")


def test_versions_caches_and_environments_stay(
    snapshots: Snapshots, source: Path, tmp_path: Path
) -> None:
    found = laid_out(snapshots, source, tmp_path / "work")
    assert found == {"train.py", "data/a.csv", "data/b.bin"}
    assert "env/" in snapshots.take(source, 100).left_out


def test_gitignore_counts_in_each_folder(
    snapshots: Snapshots, source: Path, tmp_path: Path
) -> None:
    (source / "data" / ".gitignore").write_text("*.bin\n")
    found = laid_out(snapshots, source, tmp_path / "work")
    assert "data/b.bin" not in found
    assert "data/a.csv" in found


def test_amlignore_replaces_gitignore(snapshots: Snapshots, source: Path, tmp_path: Path) -> None:
    (source / ".gitignore").write_text("train.py\n")
    (source / ".amlignore").write_text("data/\n")
    found = laid_out(snapshots, source, tmp_path / "work")
    assert "train.py" in found
    assert not any(name.startswith("data/") for name in found)


def test_the_same_folder_is_stored_once_and_a_change_is_seen(
    snapshots: Snapshots, source: Path
) -> None:
    first = snapshots.take(source, 100).id
    assert snapshots.take(source, 100).id == first
    (source / "train.py").write_text("print(2)")
    assert snapshots.take(source, 100).id != first


def test_too_large_is_refused_before_a_copy_and_names_the_largest(
    snapshots: Snapshots, source: Path, tmp_path: Path
) -> None:
    with (source / "big.dat").open("wb") as stream:
        stream.truncate(3 * 1024 * 1024)
    with pytest.raises(TooLarge, match="3 MB, the limit is 2 MB") as caught:
        snapshots.take(source, 2)
    assert caught.value.details[0] == "3.0 MB big.dat"
    assert not (tmp_path / "store").exists()


def test_linked_folders_are_not_followed(
    snapshots: Snapshots, source: Path, tmp_path: Path
) -> None:
    (source / "link").symlink_to(tmp_path)
    assert "link (a link to a folder)" in snapshots.take(source, 100).left_out


def test_a_missing_folder_is_refused(snapshots: Snapshots, tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="not there"):
        snapshots.take(tmp_path / "no", 100)
