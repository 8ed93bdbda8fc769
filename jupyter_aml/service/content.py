"""The content store: files and folders kept once each, under a key made of what they hold.

Data assets and models lie in it. What was put there is never changed: its files are read-only,
and the same files under the same names have the same key. Everything here blocks, so callers run
it in a thread.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
import time
import uuid
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from jupyter_aml.model.data import FILES, UNFINISHED, UPLOADS
from jupyter_aml.model.errors import Invalid, NotFound
from jupyter_aml.service.file_times import will_tell
from jupyter_aml.service.store.trouble import from_os

_BLOCK = 1024 * 1024

Progress = Callable[[int, int], None]
"""Told bytes done and bytes in all, now and then."""


@dataclass(frozen=True)
class Content:
    """What one key holds. ``name`` is the file's or folder's own, kept inside the key's folder."""

    key: str
    name: str
    bytes: int
    files: int

    @property
    def path(self) -> str:
        """Relative to the datastore, with ``/``."""
        return f"{UPLOADS}/{self.key}/{self.name}"


@dataclass(frozen=True)
class File:
    """One file at or below a path; ``inner`` is relative to it, and "" for the path itself."""

    inner: str
    path: str
    found: os.stat_result


@dataclass(frozen=True)
class _Hashed:
    file: File
    digest: str
    size: int | None = None
    """Bytes that were copied."""


class ContentStore:
    """Keeps contents below the folder of a datastore."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._hashes: dict[tuple[str, int, int, int], str] = {}

    @property
    def uploads(self) -> Path:
        return self.folder / UPLOADS

    def place(self, content: Content) -> Path:
        """The file or folder itself. Its parent folder holds nothing else."""
        return self.uploads / content.key / content.name

    def put(self, source: Path, progress: Progress | None = None) -> Content:
        """Copy `source`, a file or a folder, into the store, or find it there.

        What the key says is what was copied, even if `source` changes meanwhile. Files of which
        size and time are those of the last time are not read again. Raises `NotFound`, `Invalid`
        for an empty folder or a file that cannot be read, and `StorageFull`.
        """
        files = list(files_of(source))
        if not files:
            raise Invalid(
                f"The folder {source} is empty.",
                target=str(source),
                hint="Name one that holds files. Nothing was kept.",
            )
        name = _name_of(source)
        known = self._known(files, name)
        if known is not None and (self.uploads / known.key).is_dir():
            os.utime(self.uploads / known.key)  # it is of use now: a prune leaves it
            return known
        return self._copy(files, name, progress or _silent)

    def adopt(self, staged: Path, goal: Path, digest: str) -> None:
        """Move a file that was uploaded to `goal`, below the store's folder.

        `staged` lies on the same disk, is safe there, and holds what has the SHA-256 `digest`.
        Afterwards `goal` is read-only, one file on the disk with every content that holds the
        same, and a `put` of it, or of a folder of such files, copies nothing. What lay at
        `goal` before is replaced; contents that held it keep it.
        """
        staged.chmod(0o400)
        goal.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        kept = self._kept(File("", str(goal), staged.stat()), digest)
        shared = goal.with_name(f".{uuid.uuid4().hex}")
        if _linked(kept, shared):
            shared.replace(goal)
            staged.unlink()
        else:
            staged.replace(goal)
            kept.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            _linked(goal, kept)
        self._hashes[_stamp(File("", str(goal), goal.stat()))] = digest

    def link(self, file: File, goal: Path) -> str:
        """Make `goal` one with what the store holds of `file`, where that is known without
        reading it. The SHA-256; "" where nothing was made."""
        known = self._hashes.get(_stamp(file), "")
        return known if known and _linked(self._shared(known), goal) else ""

    def remember(self, file: File, digest: str, read_ns: int) -> None:
        """What `file` held when reading began at `read_ns`, as long as its size and time stay."""
        if will_tell(file.found, read_ns):
            self._hashes[_stamp(file)] = digest

    def are_same(self, file: File, other: Path) -> bool:
        """Whether both are known to hold the same."""
        known = self._hashes.get(_stamp(file))
        there = self._hashes.get(_stamp(File("", str(other), other.stat())))
        return known is not None and known == there

    def _known(self, files: list[File], name: str) -> Content | None:
        """The content as it was last time, if every file is as it was."""
        hashes = [self._hashes.get(_stamp(file)) for file in files]
        if None in hashes:
            return None
        return _content(name, [_Hashed(f, h) for f, h in zip(files, hashes, strict=True) if h])

    def _copy(self, files: list[File], name: str, progress: Progress) -> Content:
        """Into a temporary name first: a killed copy is never taken for a content."""
        unfinished = self.uploads / f"{UNFINISHED}{uuid.uuid4().hex}"
        try:
            unfinished.mkdir(parents=True, mode=0o700)
            content = _content(name, self._copied(files, unfinished / name, progress))
            target = self.uploads / content.key
            if not target.is_dir():
                unfinished.rename(target)
                _sync_folder(self.uploads)
            os.utime(target)
            return content
        except OSError as error:
            raise from_os(error, self.folder) or error from error
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)

    def _copied(self, files: list[File], target: Path, progress: Progress) -> Iterator[_Hashed]:
        total, done = sum(file.found.st_size for file in files), 0
        for file in files:
            goal = target / file.inner if file.inner else target
            goal.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            known = self._hashes.get(_stamp(file))
            if known is not None and _linked(self._kept(file, known), goal):
                done += file.found.st_size
                progress(done, total)
                yield _Hashed(file, known)
                continue
            digest, read_ns = hashlib.sha256(), time.time_ns()
            with readable(file.path) as source, goal.open("xb") as copy:
                while block := source.read(_BLOCK):
                    copy.write(block)
                    digest.update(block)
                    done += len(block)
                    progress(done, total)
                copy.flush()
                os.fsync(copy.fileno())
                size = copy.tell()
            goal.chmod(0o500 if file.found.st_mode & stat.S_IXUSR else 0o400)
            if size == file.found.st_size:  # else it grew meanwhile
                self.remember(file, digest.hexdigest(), read_ns)
            self._share(self._kept(file, digest.hexdigest()), goal)
            yield _Hashed(file, digest.hexdigest(), size)

    def _kept(self, file: File, digest: str) -> Path:
        """Where every content that holds this very file has a further link to it."""
        runs = "x" if file.found.st_mode & stat.S_IXUSR else ""
        shared = self._shared(digest)
        return shared.with_name(f"{shared.name}{runs}")

    def _shared(self, digest: str) -> Path:
        """Of a file that is no program."""
        return self.folder / FILES / digest[:2] / digest

    def _share(self, kept: Path, goal: Path) -> None:
        """Make `goal` and `kept` one file on the disk, where the filesystem has links."""
        if not kept.exists():
            kept.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            _linked(goal, kept)
            return
        shared = goal.with_name(f".{goal.name}.{uuid.uuid4().hex}")
        if _linked(kept, shared):
            shared.replace(goal)


def _linked(source: Path, goal: Path) -> bool:
    """False where there is no such file, no links, or no more of them: the copy stays one."""
    try:
        os.link(source, goal)
    except OSError:
        return False
    return True


def _content(name: str, hashed: Iterable[_Hashed]) -> Content:
    whole = hashlib.sha256(os.fsencode(f"{name}\n"))
    size = count = 0
    for one in hashed:
        runs = bool(one.file.found.st_mode & stat.S_IXUSR)
        whole.update(os.fsencode(f"{one.file.inner}\0{int(runs)}\0{one.digest}\n"))
        size += one.file.found.st_size if one.size is None else one.size
        count += 1
    return Content(whole.hexdigest()[:40], name, size, count)


def _stamp(file: File) -> tuple[str, int, int, int]:
    found = file.found
    return file.path, found.st_size, found.st_mtime_ns, found.st_ino


def _name_of(source: Path) -> str:
    name = Path(os.path.abspath(source)).name
    return name.lstrip(".") or "content"


def files_of(source: Path) -> Iterator[File]:
    """Files at or below `source` in a stable order. Links are followed, but not in circles.

    Raises `NotFound`.
    """
    if source.is_file():
        yield File("", str(source), source.stat())
    elif source.is_dir():
        yield from _below(str(source), "", ())
    else:
        raise NotFound(
            f"There is no file or folder {source}.",
            target=str(source),
            hint="Mend the path; a relative one counts from the notebook, or from the file.",
        )


def _below(folder: str, prefix: str, above: tuple[tuple[int, int], ...]) -> Iterator[File]:
    here = os.stat(folder)
    if (here.st_dev, here.st_ino) in above:
        return
    inside = (*above, (here.st_dev, here.st_ino))
    for entry in sorted(os.scandir(folder), key=lambda entry: entry.name):
        inner = f"{prefix}{entry.name}"
        if entry.is_dir():
            yield from _below(entry.path, f"{inner}/", inside)
        elif entry.is_file():
            yield File(inner, entry.path, entry.stat())


def _sync_folder(folder: Path) -> None:
    if not hasattr(os, "O_DIRECTORY"):  # Windows keeps names by itself
        return
    opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def _silent(_done: int, _total: int) -> None:
    """Nobody watches."""


def readable(path: str) -> BinaryIO:
    """Opened for reading. Raises `Invalid` for one that cannot be."""
    try:
        return open(path, "rb")
    except OSError as error:
        raise Invalid(
            f"{path} cannot be read: {error.strerror}.",
            target=path,
            hint="Mend its permissions, or leave it out. Nothing was kept.",
        ) from None
