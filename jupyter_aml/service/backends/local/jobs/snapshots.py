"""Code folders, content-addressed: what travels with a job that runs elsewhere.

Taking one reads only files whose size or time changed since the last time. Everything here
blocks, so the engine calls it in a thread.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from jupyter_aml.model.errors import Invalid, NotFound, TooLarge
from jupyter_aml.model.ignore import ALWAYS, Ignore, ignored
from jupyter_aml.model.job import Snapshot
from jupyter_aml.service.file_times import will_tell

PREFIX = "snapshot:"
_MB = 1024 * 1024


@dataclass(frozen=True)
class _File:
    path: str
    stat: os.stat_result


class Snapshots:
    """The store of code folders under ``HOME/snapshots``."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._hashes: dict[tuple[str, int, int, int], str] = {}

    def take(self, source: Path, limit_mb: int) -> Snapshot:
        """Copy `source` into the store, or find it there. Raises `TooLarge` before it copies."""
        if not source.is_dir():
            raise Invalid(
                f"The code folder {source} is not there.",
                target="code",
                hint="Give an existing folder, or leave `code` out.",
            )
        left_out: list[str] = []
        files = list(_walk(source, left_out))
        size = sum(file.stat.st_size for file in files)
        if size > limit_mb * _MB:
            raise self._too_large(source, files, size, limit_mb)
        digest = self._digest(source, files)
        target = self._folder / digest
        if not target.is_dir():
            self._copy(source, files, target)
        os.utime(target)  # it is of use now: a prune leaves it
        return Snapshot(id=digest, files=len(files), bytes=size, left_out=left_out)

    @staticmethod
    def files(source: Path, left_out: list[str]) -> Iterator[tuple[str, int]]:
        """Path and bytes of what `take` would take; `left_out` fills up on the way."""
        return ((file.path, file.stat.st_size) for file in _walk(source, left_out))

    def lay_out(self, snapshot: str, target: Path) -> None:
        """Make a working copy. `target` may exist; what it holds is replaced."""
        source = self._folder / snapshot
        if not source.is_dir():
            raise NotFound(
                f"Snapshot {snapshot} is gone.", target="code", hint="Submit the job again."
            )
        shutil.copytree(source, target, dirs_exist_ok=True, symlinks=True)

    def _digest(self, source: Path, files: list[_File]) -> str:
        whole = hashlib.sha256()
        for file in files:
            runs = bool(file.stat.st_mode & stat.S_IXUSR)
            whole.update(f"{file.path}\0{int(runs)}\0{self._hash(source, file)}\n".encode())
        return whole.hexdigest()[:40]

    def _hash(self, source: Path, file: _File) -> str:
        path = source / file.path
        key = (str(path), file.stat.st_size, file.stat.st_mtime_ns, file.stat.st_ino)
        if (known := self._hashes.get(key)) is not None:
            return known
        read_ns = time.time_ns()
        one = hashlib.sha256()
        with path.open("rb") as stream:
            while block := stream.read(_MB):
                one.update(block)
        digest = one.hexdigest()
        if will_tell(file.stat, read_ns):
            self._hashes[key] = digest
        return digest

    def _copy(self, source: Path, files: list[_File], target: Path) -> None:
        """Into a temporary name first: a killed copy is never taken for a snapshot."""
        unfinished = self._folder / f".{uuid.uuid4().hex}"
        unfinished.mkdir(parents=True, mode=0o700)
        try:
            for file in files:
                goal = unfinished / file.path
                goal.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(source / file.path, goal)
                goal.chmod(0o700 if file.stat.st_mode & stat.S_IXUSR else 0o600)
            unfinished.rename(target)
        except OSError:
            shutil.rmtree(unfinished, ignore_errors=True)
            if not target.is_dir():
                raise

    def _too_large(self, source: Path, files: list[_File], size: int, limit_mb: int) -> TooLarge:
        largest = sorted(files, key=lambda file: -file.stat.st_size)[:5]
        return TooLarge(
            f"The code folder is {size / _MB:.0f} MB, the limit is {limit_mb} MB.",
            target=str(source),
            hint="List what need not travel in .amlignore, pass data as an input, or raise the "
            "limit with `%aml preferences set snapshot_limit_mb=500`. Nothing was started.",
            details=[f"{file.stat.st_size / _MB:.1f} MB {file.path}" for file in largest],
        )


def _walk(source: Path, left_out: list[str]) -> Iterator[_File]:
    only_aml = (source / ".amlignore").is_file()
    base = [Ignore(ALWAYS)]
    if only_aml:
        base.append(_read(source / ".amlignore", ""))
    yield from _walk_folder(source, "", base, left_out, gitignore=not only_aml)


def _walk_folder(
    source: Path, folder: str, stack: list[Ignore], left_out: list[str], *, gitignore: bool
) -> Iterator[_File]:
    """Files below `folder` in a stable order. Linked folders are not followed."""
    here = source / folder
    if gitignore and (here / ".gitignore").is_file():
        stack = [*stack, _read(here / ".gitignore", folder)]
    for entry in sorted(os.scandir(here), key=lambda entry: entry.name):
        path = f"{folder}/{entry.name}" if folder else entry.name
        is_folder = entry.is_dir(follow_symlinks=False)
        if ignored(stack, path, is_folder=is_folder) or _is_environment(entry, is_folder):
            left_out.append(path + "/" * is_folder)
        elif is_folder:
            yield from _walk_folder(source, path, stack, left_out, gitignore=gitignore)
        elif entry.is_dir():
            left_out.append(f"{path} (a link to a folder)")
        elif entry.is_file():
            yield _File(path, entry.stat())


def _is_environment(entry: os.DirEntry[str], is_folder: bool) -> bool:
    """A virtual environment never travels: it names paths of this machine."""
    return is_folder and os.path.exists(os.path.join(entry.path, "pyvenv.cfg"))


def _read(path: Path, base: str) -> Ignore:
    return Ignore(path.read_text(encoding="utf-8", errors="replace").splitlines(), base)
