"""Where this user's state lies, and the short name by which sockets and shared memory are found.

The layout of the folder is in docs/developer/contracts.md.
"""

from __future__ import annotations

import hashlib
import os
import sys
import tempfile
from pathlib import Path

VARIABLE = "JUPYTER_AML_HOME"

# Filesystems that several machines can mount at once.
_SHARED = frozenset(
    "9p afs beegfs ceph cifs fuse.ceph fuse.glusterfs fuse.s3fs fuse.sshfs gfs2 glusterfs gpfs "
    "lustre nfs nfs4 ocfs2 orangefs smb3 smbfs".split()
)


def service_home() -> Path:
    """``JUPYTER_AML_HOME``, made absolute; else ``jupyter_aml`` in Jupyter's data folder."""
    named = os.environ.get(VARIABLE)
    return Path(named).expanduser().absolute() if named else _jupyter_data() / "jupyter_aml"


def make_home(home: Path) -> None:
    """Create the folder if it is not there, for this user only. Raise OSError if it cannot be."""
    home.mkdir(mode=0o700, parents=True, exist_ok=True)


def short_name(home: Path) -> str:
    """The name of this home's folders outside it: RUN (sockets) and POOL (shared memory)."""
    user = os.getuid() if hasattr(os, "getuid") else 0
    return f"jaml-{user}-{hashlib.sha256(os.fsencode(home)).hexdigest()[:10]}"


def run_folder(home: Path) -> Path:
    """RUN: a short path, because that of a Unix socket must be."""
    return Path(os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir(), short_name(home))


def pool_folder(home: Path) -> Path:
    """POOL: shared memory where the system has it as files, else a folder of the home."""
    memory = Path("/dev/shm")  # noqa: S108 - a folder of our own inside it, 0700, owner checked
    return memory / short_name(home) if memory.is_dir() else spool_folder(home)


def spool_folder(home: Path) -> Path:
    return home / "spool"


def is_shared(path: Path) -> bool:
    """Whether other machines may see the same files. Known on Linux; False elsewhere."""
    try:
        mounts = Path("/proc/self/mountinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False
    return _kind_of_mount(str(path.absolute()), mounts) in _SHARED


def _kind_of_mount(path: str, mountinfo: str) -> str:
    """The filesystem type of the mount that holds `path`: the one with the longest prefix."""
    best, kind = "", ""
    for line in mountinfo.splitlines():
        left, _, right = line.partition(" - ")
        fields = left.split(" ")
        if len(fields) < 5 or not right:
            continue
        point = fields[4].replace("\\040", " ")
        inside = path == point or path.startswith(point.rstrip("/") + "/")
        if inside and len(point) >= len(best):
            best, kind = point, right.split(" ")[0]
    return kind


def _jupyter_data() -> Path:
    """What ``jupyter_core.paths.jupyter_data_dir()`` says, without its 20 ms of import."""
    named = os.environ.get("JUPYTER_DATA_DIR")
    if named:
        return Path(named).expanduser().absolute()
    if os.environ.get("JUPYTER_PLATFORM_DIRS") or sys.platform == "win32":
        from jupyter_core.paths import jupyter_data_dir

        return Path(jupyter_data_dir())
    home = Path.home().resolve()
    if sys.platform == "darwin":
        return home / "Library" / "Jupyter"
    return Path(os.environ.get("XDG_DATA_HOME") or home / ".local" / "share") / "jupyter"
