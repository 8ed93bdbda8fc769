"""Is a folder on a network filesystem? SQLite's WAL needs shared memory, so it must not be."""

from __future__ import annotations

import os
from pathlib import Path

NETWORK_TYPES = frozenset(
    {
        "9p",
        "afs",
        "beegfs",
        "ceph",
        "cifs",
        "fuse.s3fs",
        "fuse.sshfs",
        "fuse.glusterfs",
        "fuse.blobfuse",
        "fuse.blobfuse2",
        "glusterfs",
        "gpfs",
        "lustre",
        "ncpfs",
        "nfs",
        "nfs4",
        "panfs",
        "smb2",
        "smb3",
        "smbfs",
        "webdav",
    }
)


def is_network(path: Path) -> bool:
    """Whether `path` (which need not exist yet) lies on a network filesystem, where known."""
    return filesystem_type(path) in NETWORK_TYPES


def filesystem_type(path: Path) -> str:
    """The type of the filesystem that holds `path`, in the kernel's word; "" where unknown."""
    wanted = os.path.realpath(path)
    best, found = "", ""
    for mount_point, kind in _mounts():
        inside = wanted == mount_point or wanted.startswith(mount_point.rstrip("/") + "/")
        # the last of equal mount points is the one on top
        if inside and len(mount_point) >= len(best):
            best, found = mount_point, kind
    return found


def _mounts() -> list[tuple[str, str]]:
    try:
        lines = Path("/proc/self/mounts").read_text(errors="replace").splitlines()
    except OSError:
        return _mounts_by_psutil()
    fields = (line.split(" ") for line in lines)
    return [(_unescape(field[1]), field[2].lower()) for field in fields if len(field) > 2]


def _mounts_by_psutil() -> list[tuple[str, str]]:
    import psutil  # macOS and Windows only; 10 ms that Linux need not pay

    return [(part.mountpoint, part.fstype.lower()) for part in psutil.disk_partitions(all=True)]


def _unescape(mount_point: str) -> str:
    """/proc writes blanks as ``\\040``."""
    return mount_point.encode("latin-1", "replace").decode("unicode_escape")
