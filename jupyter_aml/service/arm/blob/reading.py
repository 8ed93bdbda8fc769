"""Bytes of a blob: all of them, or a range. GET and HEAD."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from email.utils import formatdate
from pathlib import Path
from typing import IO

from jupyter_aml.service.arm.blob import properties
from jupyter_aml.service.arm.blob.containers import Container
from jupyter_aml.service.arm.blob.folders import Found
from jupyter_aml.service.arm.blob.refusal import Refusal, no_blob
from jupyter_aml.service.arm.message import Request, Response

_BLOCK = 1 << 20
_RANGE = re.compile(r"bytes=(?P<first>[0-9]{1,18})-(?P<last>[0-9]{0,18})")


async def answer(request: Request, container: Container, name: str) -> Response:
    """The blob, or the range of it that the request names. Raises `Refusal`."""
    found = await container.find(name)
    if found is None:
        raise no_blob(name)
    if (matched := _condition(request, found)) is not None:
        return matched
    said = await asyncio.to_thread(properties.read, container.state, name)
    headers = [
        ("Content-Type", said.content_type),
        ("ETag", etag(found)),
        ("Last-Modified", moment(found.modified)),
        ("Accept-Ranges", "bytes"),
        ("x-ms-blob-type", "BlockBlob"),
        ("x-ms-creation-time", moment(found.modified)),
        ("x-ms-lease-status", "unlocked"),
        ("x-ms-lease-state", "available"),
        ("x-ms-server-encrypted", "true"),
        ("x-ms-access-tier", "Hot"),
        *properties.headers(said.metadata),
    ]
    asked = request.header("x-ms-range") or request.header("Range")
    if request.method == "HEAD" or not asked:
        headers.append(("Content-Length", str(found.bytes)))
        return Response(200, _bytes(found, 0, found.bytes), headers)
    first, length = _range(asked, found.bytes)
    headers.append(("Content-Length", str(length)))
    headers.append(("Content-Range", f"bytes {first}-{first + length - 1}/{found.bytes}"))
    return Response(206, _bytes(found, first, length), headers)


def etag(found: Found) -> str:
    """Differs when the content does."""
    return f'"0x{found.mark.upper()}"'


def moment(seconds: float) -> str:
    """As HTTP writes a time."""
    return formatdate(seconds, usegmt=True)


def check_match(request: Request, found: Found | None) -> None:
    """Raise `Refusal` (412) unless ``If-Match`` names what is there."""
    wanted = request.header("If-Match")
    if not wanted or (found is not None and wanted in ("*", etag(found))):
        return
    raise Refusal(412, "ConditionNotMet", "The blob is not the one that If-Match names.")


def _condition(request: Request, found: Found) -> Response | None:
    check_match(request, found)
    if request.header("If-None-Match") in ("*", etag(found)):
        return Response(304, headers=[("ETag", etag(found))])
    return None


def _range(asked: str, size: int) -> tuple[int, int]:
    """First byte and length. Raises `Refusal`, also for any range of an empty blob."""
    match = _RANGE.fullmatch(asked.strip())
    first = int(match["first"]) if match else 0
    last = int(match["last"]) if match and match["last"] else size - 1
    if match is None or first >= size or last < first:
        refusal = Refusal(416, "InvalidRange", f"The range {asked[:60]!r} is not in the blob.")
        refusal.headers.append(("Content-Range", f"bytes */{size}"))
        raise refusal
    return first, min(last, size - 1) - first + 1


def _bytes(found: Found, first: int, length: int) -> AsyncIterator[bytes]:
    if found.parts is not None:
        return _of_parts(found.parts(), first, length)
    return _of_file(found.path, first, length)


async def _of_parts(parts: AsyncIterator[bytes], first: int, length: int) -> AsyncIterator[bytes]:
    async for part in parts:
        if not length:
            return
        shown = part[first : first + length]
        first = max(0, first - len(part))
        length -= len(shown)
        if shown:
            yield shown


async def _of_file(path: Path, first: int, length: int) -> AsyncIterator[bytes]:
    """That many bytes; a file that shrank meanwhile ends the connection."""
    stream = await asyncio.to_thread(path.open, "rb")
    try:
        await asyncio.to_thread(stream.seek, first)
        while length:
            block = await asyncio.to_thread(_block, stream, min(_BLOCK, length))
            length -= len(block)
            yield block
    finally:
        stream.close()


def _block(stream: IO[bytes], size: int) -> bytes:
    block = stream.read(size)
    if not block:
        raise OSError("the file ended before what was promised of it")
    return block
