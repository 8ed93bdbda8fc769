"""What is known of a blob besides its bytes: metadata and content type, in a file of its own.

The SDK marks an upload as whole by metadata, and compares their names letter by letter. Reading
and writing blocks, briefly.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from pathlib import Path

import msgspec

from jupyter_aml.service.arm.blob.refusal import Refusal
from jupyter_aml.service.arm.message import Request

META = "x-ms-meta-"
DEFAULT_TYPE = "application/octet-stream"
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_LARGEST = 8192


class Properties(msgspec.Struct, frozen=True):
    """``name`` is the blob's: the file is named by a hash of it."""

    metadata: list[tuple[str, str]] = []
    content_type: str = DEFAULT_TYPE
    name: str = ""


def of_request(request: Request, name: str) -> Properties:
    """What the headers of a write say. Raises `Refusal`."""
    said = [
        (header[len(META) :], value)
        for header, value in request.headers
        if header.lower().startswith(META)
    ]
    for key, _ in said:
        if not _NAME.fullmatch(key):
            raise Refusal(400, "InvalidMetadata", f"{key[:80]!r} cannot name metadata.")
    if sum(len(key) + len(value) for key, value in said) > _LARGEST:
        raise Refusal(400, "MetadataTooLarge", "The metadata are over 8 KB.")
    kind = request.header("x-ms-blob-content-type") or DEFAULT_TYPE
    return Properties(metadata=said, content_type=kind, name=name)


def read(state: Path | None, name: str) -> Properties:
    """Empty for a blob of which nothing was said."""
    if state is None:
        return Properties()
    try:
        content = _place(state, name).read_bytes()
    except FileNotFoundError:
        return Properties()
    return msgspec.json.decode(content, type=Properties)


def write(state: Path, name: str, properties: Properties) -> None:
    """Whole or not at all; nothing is kept where there is nothing to say."""
    place = _place(state, name)
    if properties == Properties(name=name):
        place.unlink(missing_ok=True)
        return
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    unfinished = place.with_suffix(".part")
    unfinished.write_bytes(msgspec.json.encode(properties))
    unfinished.replace(place)


def headers(metadata: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Their names as they were given: the SDK looks for ``upload_status``."""
    return [(META + name, value) for name, value in metadata]


def _place(state: Path, name: str) -> Path:
    key = hashlib.sha256(name.encode()).hexdigest()
    return state / "properties" / key[:2] / f"{key}.json"
