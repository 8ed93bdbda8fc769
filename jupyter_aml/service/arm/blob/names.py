"""Names of containers and blobs, checked at the edge: none of them leads out of its container."""

from __future__ import annotations

import re
import unicodedata

from jupyter_aml.model.data import FILES, UNFINISHED
from jupyter_aml.service.arm.blob.refusal import Refusal, no_blob, no_container
from jupyter_aml.service.retention.removal import REMOVED

_CONTAINER = re.compile(r"[a-z0-9](?:-?[a-z0-9]){2,62}")
_LONGEST_CONTAINER = 63
_LONGEST = 1024
_LONGEST_PART = 255
"""Bytes of one part; what most disks take."""
HIDDEN = (UNFINISHED, REMOVED)


def is_container(name: str) -> bool:
    """Whether a container may have this name."""
    return bool(_CONTAINER.fullmatch(name)) and len(name) <= _LONGEST_CONTAINER


def container(name: str) -> str:
    """`name` if a container may have it. Raises `Refusal`."""
    if not is_container(name):
        raise no_container(name)
    return name


def blob(name: str) -> str:
    """`name` if a blob may have it. Raises `Refusal` for what is not a plain path downwards."""
    if not name or len(name) > _LONGEST:
        raise _wrong("has 1 to 1,024 characters")
    if "\\" in name or any(unicodedata.category(c) in ("Cc", "Cs") for c in name):
        raise _wrong("has no backslash and no control character")
    parts = name.removesuffix("/").split("/")
    if any(part in ("", ".", "..") for part in parts) or re.match(r"[A-Za-z]:", name):
        raise _wrong("is a path downwards, without . and .. and empty parts")
    if any(len(part.encode()) > _LONGEST_PART for part in parts):
        raise _wrong(f"has parts of at most {_LONGEST_PART} bytes")
    if parts[0] == FILES or any(part.startswith(HIDDEN) for part in parts):
        raise no_blob(name)
    return name


def _wrong(rule: str) -> Refusal:
    return Refusal(400, "InvalidUri", f"The name of a blob {rule}.")
