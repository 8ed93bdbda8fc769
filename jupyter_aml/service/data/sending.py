"""Files of this machine that are copied into a datastore. Everything here blocks.

One after the other, each whole or not at all. A file that is there already with the same bytes is
left alone: a copy that broke off goes on where it was when it is asked for again.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from jupyter_aml.model.data import UNFINISHED, UploadFiles
from jupyter_aml.model.errors import Invalid, NotFound
from jupyter_aml.service.content import ContentStore, File, Progress, files_of, readable
from jupyter_aml.service.data import uploads
from jupyter_aml.service.store.trouble import from_os

_BLOCK = 1024 * 1024


@dataclass(frozen=True)
class Sent:
    """``path`` is relative to the datastore; ``copied`` counts files that were not there."""

    path: str
    bytes: int
    files: int
    copied: int


def check(body: UploadFiles) -> str:
    """Where it would go. Raises `NotFound` and `Invalid`, before anything is copied."""
    source = Path(body.path)
    if not body.path or not source.is_absolute() or "\0" in body.path:
        raise Invalid(
            f"The path {body.path!r} is not absolute.",
            target="path",
            hint="Write the whole path of a file or folder of this machine.",
        )
    if not source.exists():
        raise NotFound(f"There is no file or folder {source}.", target="path")
    name = Path(os.path.abspath(source)).name
    goes_into = body.target.endswith("/") and source.is_file()
    target = f"{body.target}{name}" if goes_into else body.target or name
    return target.rstrip("/")


class Sending:
    """Into one datastore, whose folder is `root`. `goal` says where a path of it lies, and refuses
    what nobody may write; `contents` is of the default one, whose files are shared by content."""

    def __init__(
        self, root: Path, goal: Callable[[str], Path], contents: ContentStore | None
    ) -> None:
        self._goal = goal
        self._contents = contents
        self._staging = (contents.uploads if contents else root) / f"{UNFINISHED}{uuid.uuid4().hex}"

    def send(self, source: Path, target: str, progress: Progress) -> Sent:
        """Raises what `uploads.keep` does, and `Invalid` for a folder without files."""
        files = list(files_of(source))
        if not files:
            raise Invalid(f"The folder {source} is empty.", target=str(source))
        goals = [self._goal(f"{target}/{one.inner}" if one.inner else target) for one in files]
        total = sum(one.found.st_size for one in files)
        done = copied = 0
        try:
            for file, goal in zip(files, goals, strict=True):
                tell = _Counter(progress, done, total)
                if not self._is_there(file, goal, tell):
                    self._bring(file, goal, tell)
                    copied += 1
                done += file.found.st_size
                progress(done, total)
        finally:
            shutil.rmtree(self._staging, ignore_errors=True)
        return Sent(target, total, len(files), copied)

    def _is_there(self, file: File, goal: Path, tell: _Counter) -> bool:
        """Read only where it may be, and where nobody remembers what both hold."""
        if not goal.is_file() or goal.stat().st_size != file.found.st_size:
            return False
        if self._contents is not None and self._contents.are_same(file, goal):
            return True
        with readable(file.path) as left, goal.open("rb") as right:
            while block := left.read(_BLOCK):
                if block != right.read(_BLOCK):
                    return False
                tell(len(block))
        return True

    def _bring(self, file: File, goal: Path, tell: _Counter) -> None:
        staged, read_ns = self._staging / "file", time.time_ns()
        try:
            self._staging.mkdir(mode=0o700, parents=True, exist_ok=True)
            digest = self._contents.link(file, staged) if self._contents else ""
            digest = digest or _copied(file, staged, tell)
        except OSError as error:
            raise from_os(error, self._staging.parent) or error from error
        is_whole = staged.stat().st_size == file.found.st_size
        uploads.keep(staged, goal, digest, self._contents)
        if self._contents is not None and is_whole:  # else it grew meanwhile
            self._contents.remember(file, digest, read_ns)


class _Counter:
    """Bytes of one file, told as a part of all of them."""

    def __init__(self, progress: Progress, before: int, total: int) -> None:
        self._progress = progress
        self._done = before
        self._total = total

    def __call__(self, count: int) -> None:
        self._done = min(self._done + count, self._total)
        self._progress(self._done, self._total)


def _copied(file: File, goal: Path, tell: _Counter) -> str:
    """The SHA-256 of what was copied, which is safe on the disk."""
    digest = hashlib.sha256()
    with readable(file.path) as source, goal.open("xb") as copy:
        while block := source.read(_BLOCK):
            copy.write(block)
            digest.update(block)
            tell(len(block))
        copy.flush()
        os.fsync(copy.fileno())
    return digest.hexdigest()
