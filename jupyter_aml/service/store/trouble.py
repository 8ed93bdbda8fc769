"""What SQLite says when the disk is the reason, in our words."""

from __future__ import annotations

import errno
import sqlite3
from pathlib import Path

from jupyter_aml.model.errors import AmlError, StorageFull, Unavailable

# SQLite's own texts (sqlite3ErrStr); Python 3.10 gives no error codes.
_DISK_TEXTS = {
    "database or disk is full": "is full",
    "attempt to write a readonly database": "is read-only",
    "unable to open database file": "cannot be written",
    "disk i/o error": "cannot be written (I/O error)",
}
_DAMAGE_TEXTS = ("malformed", "not a database", "database corruption")
_DISK_ERRNOS = {
    errno.ENOSPC: "is full",
    errno.EDQUOT: "is full (your quota is used up)",
    errno.EROFS: "is read-only",
    errno.EACCES: "is read-only",
    errno.EPERM: "is read-only",
    errno.EFBIG: "has reached its file size limit",
    errno.EIO: "cannot be written (I/O error)",
}


def is_damage(error: sqlite3.Error) -> bool:
    """Whether the file itself is broken, as opposed to the disk or the statement."""
    text = str(error).lower()
    return any(words in text for words in _DAMAGE_TEXTS)


def storage_full(folder: Path, state: str, raw: str) -> StorageFull:
    return StorageFull(
        f"The disk that holds {folder} {state}.",
        target=str(folder),
        hint="Free some space and make the folder writable (`df -h`, `ls -ld`), "
        "or set JUPYTER_AML_HOME to a folder on another disk.",
        details=[raw],
    )


def from_sqlite(error: sqlite3.Error, path: Path) -> AmlError | None:
    """Our error for a trouble of the disk or of a lock; None when the statement is at fault."""
    text = str(error).lower()
    for words, state in _DISK_TEXTS.items():
        if words in text:
            return storage_full(path.parent, state, str(error))
    if "locked" in text:
        return Unavailable(
            "Another process holds the database.",
            target=str(path),
            hint="End the other program that has it open; `jupyter aml service status` "
            "shows whether a service runs.",
            details=[str(error)],
        )
    return None


def from_os(error: OSError, folder: Path) -> StorageFull | None:
    """Our error for a write that the disk refused; None when the reason is another."""
    state = _DISK_ERRNOS.get(error.errno or 0)
    return storage_full(folder, state, str(error)) if state else None
