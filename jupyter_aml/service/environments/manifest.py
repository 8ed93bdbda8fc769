"""The file that makes a folder an environment: written last, by renaming it into place."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec

FILE = "jupyter_aml.json"


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What was built. ``bytes`` is of the whole folder."""

    python: str
    requirements: list[str]
    packages: dict[str, str]
    modules: list[str]
    bytes: int
    seconds: float
    built_at: str


def read_manifest(folder: Path) -> Manifest | None:
    """None for a folder whose build did not come to its end."""
    try:
        return msgspec.json.decode((folder / FILE).read_bytes(), type=Manifest)
    except (OSError, msgspec.DecodeError):
        return None


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Afterwards the environment exists, also after a power cut."""
    unfinished = folder / f".{FILE}"
    with unfinished.open("wb") as stream:
        stream.write(msgspec.json.encode(manifest))
        stream.flush()
        os.fsync(stream.fileno())
    unfinished.rename(folder / FILE)


def size_of(folder: Path) -> int:
    """Bytes of everything in `folder`; what vanishes meanwhile counts nothing."""
    total = 0
    for base, _, names in os.walk(folder):
        for name in names:
            try:
                total += os.lstat(os.path.join(base, name)).st_size
            except OSError:
                continue
    return total
