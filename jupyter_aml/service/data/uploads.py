"""Files that clients upload to a datastore. Everything here blocks."""

from __future__ import annotations

import contextlib
import errno
import shutil
import uuid
from pathlib import Path

from jupyter_aml.model.errors import AmlError, Conflict, Invalid, NotFound
from jupyter_aml.service.content import ContentStore
from jupyter_aml.service.store.trouble import from_os


def keep(staged: Path, goal: Path, digest: str, contents: ContentStore | None) -> None:
    """Move `staged` to `goal`; with `contents`, as a file that contents share.

    Raises `Conflict` where a folder lies there or a file is in the way, `Invalid` for a name
    that the disk does not take.
    """
    try:
        if goal.is_dir():
            raise Conflict(f"{goal.name} is a folder.", target="path")
        if contents is not None:
            contents.adopt(staged, goal, digest)
        else:
            _move(staged, goal)
    except OSError as error:
        raise _refusal(error, goal) from error


def remove(goal: Path, root: Path) -> None:
    """Delete the file `goal`, and its folders up to `root` while they are empty."""
    try:
        goal.unlink()
    except OSError as error:
        if isinstance(error, FileNotFoundError) or goal.is_dir():
            raise NotFound(f"There is no file {goal.name}.", target="path") from None
        raise _refusal(error, goal) from error
    with contextlib.suppress(OSError):  # not empty: somebody's files are there
        for folder in goal.parents:
            if folder == root or not folder.is_relative_to(root):
                return
            folder.rmdir()


def _move(staged: Path, goal: Path) -> None:
    """Whole or not at all, onto another disk too."""
    goal.parent.mkdir(parents=True, exist_ok=True)
    unfinished = goal.with_name(f".{uuid.uuid4().hex}.part")
    try:
        shutil.move(staged, unfinished)
        unfinished.replace(goal)
    finally:
        unfinished.unlink(missing_ok=True)


def _refusal(error: OSError, goal: Path) -> AmlError | OSError:
    if error.errno in (errno.ENAMETOOLONG, errno.EINVAL, errno.EILSEQ):
        return Invalid(f"The disk does not take the name {goal.name[:80]!r}.", target="path")
    if isinstance(error, (NotADirectoryError, FileExistsError, IsADirectoryError)):
        return Conflict(f"A file is in the way of {goal.name}.", target="path")
    return from_os(error, goal.parent) or error
