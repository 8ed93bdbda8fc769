"""The content store: the same files are kept once, and never change."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from jupyter_aml.model.errors import Invalid, NotFound
from jupyter_aml.service.content import ContentStore


@pytest.fixture
def store(tmp_path: Path) -> ContentStore:
    return ContentStore(tmp_path / "blob")


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "model"
    (folder / "inner").mkdir(parents=True)
    (folder / "a.txt").write_text("one")
    (folder / "inner" / "b.bin").write_bytes(bytes(10))
    return folder


def test_a_folder_is_kept_under_its_own_name(store: ContentStore, source: Path) -> None:
    found = store.put(source)
    place = store.place(found)
    assert place.name == "model"
    assert (place / "a.txt").read_text() == "one"
    assert (place / "inner" / "b.bin").stat().st_size == 10
    assert (found.bytes, found.files) == (13, 2)
    assert [path.name for path in place.parent.iterdir()] == ["model"]
    assert found.path == f"LocalUpload/{found.key}/model"


def test_a_file_is_kept_under_its_own_name(store: ContentStore, source: Path) -> None:
    found = store.put(source / "a.txt")
    assert store.place(found).read_text() == "one"
    assert (found.bytes, found.files) == (3, 1)


def test_the_same_again_is_the_same(store: ContentStore, source: Path) -> None:
    first = store.put(source)
    assert store.put(source) == first
    assert ContentStore(store.folder).put(source) == first  # nothing remembered
    assert len(list(store.uploads.iterdir())) == 1


def test_other_bytes_names_or_rights_are_another(store: ContentStore, source: Path) -> None:
    keys = {store.put(source).key}
    (source / "a.txt").write_text("two!")
    keys.add(store.put(source).key)
    (source / "a.txt").rename(source / "c.txt")
    keys.add(store.put(source).key)
    (source / "c.txt").chmod(0o755)
    keys.add(store.put(source).key)
    source = source.rename(source.with_name("other"))
    keys.add(store.put(source).key)
    assert len(keys) == 5


def test_what_was_kept_does_not_follow_its_source(store: ContentStore, source: Path) -> None:
    place = store.place(store.put(source))
    (source / "a.txt").write_text("changed")
    assert (place / "a.txt").read_text() == "one"
    assert (place / "a.txt").stat().st_mode & 0o777 == 0o400


def test_links_are_followed_but_not_in_circles(store: ContentStore, source: Path) -> None:
    (source / "link.txt").symlink_to(source / "a.txt")
    (source / "inner" / "up").symlink_to(source)
    place = store.place(store.put(source))
    assert (place / "link.txt").read_text() == "one"
    assert not (place / "link.txt").is_symlink()
    assert not (place / "inner" / "up").exists()


def test_progress_ends_at_all_of_it(store: ContentStore, source: Path) -> None:
    told: list[tuple[int, int]] = []
    store.put(source, lambda done, total: told.append((done, total)))
    assert told[-1] == (13, 13)


def test_nothing_to_keep_is_refused(store: ContentStore, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(Invalid, match="empty"):
        store.put(tmp_path / "empty")
    with pytest.raises(NotFound, match="no file or folder"):
        store.put(tmp_path / "absent")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root reads anything")
def test_a_file_that_cannot_be_read_leaves_nothing(store: ContentStore, source: Path) -> None:
    (source / "a.txt").chmod(0)
    with pytest.raises(Invalid, match="cannot be read"):
        store.put(source)
    assert list(store.uploads.iterdir()) == []


def test_a_file_that_two_contents_hold_is_on_the_disk_once(tmp_path: Path) -> None:
    store = ContentStore(tmp_path / "store")
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "same").write_bytes(b"s" * 5000)
    (folder / "other").write_text("1")
    first = store.place(store.put(folder))
    (folder / "other").write_text("two")
    told: list[tuple[int, int]] = []
    second = store.place(store.put(folder, lambda done, total: told.append((done, total))))
    assert first != second
    assert os.path.samefile(first / "same", second / "same")
    assert (second / "other").read_text() == "two"
    assert told[-1] == (5003, 5003)
    # a store that never saw the files finds out by reading them
    (tmp_path / "again").mkdir()
    (tmp_path / "again" / "x").write_bytes(b"s" * 5000)
    third = ContentStore(tmp_path / "store").put(tmp_path / "again")
    assert os.path.samefile(store.place(third) / "x", first / "same")
    assert [path.name for path in store.place(third).iterdir()] == ["x"]


def test_without_links_files_are_copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.EPERM, "no links here")

    monkeypatch.setattr(os, "link", refuse)
    store = ContentStore(tmp_path / "store")
    (tmp_path / "a").write_text("a")
    content = store.put(tmp_path / "a")
    assert store.place(content).read_text() == "a"
