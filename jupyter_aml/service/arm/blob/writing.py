"""Bytes into a blob: whole, or in blocks that a list puts together.

What comes is written to the disk as it comes, and hashed on the way. A blob is there when all of
it is safe on the disk, and never half.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import os
import re
import shutil
import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

from jupyter_aml.model.errors import AmlError
from jupyter_aml.service.arm.blob import properties, reading
from jupyter_aml.service.arm.blob.access import Grant
from jupyter_aml.service.arm.blob.containers import Container
from jupyter_aml.service.arm.blob.folders import Found
from jupyter_aml.service.arm.blob.refusal import Refusal, read_only
from jupyter_aml.service.arm.message import Request, Response
from jupyter_aml.service.store.trouble import from_os

LARGEST_BLOCK = 4000 * 1024 * 1024
LARGEST_PUT = 5000 * 1024 * 1024
MOST_BLOCKS = 50_000
_LONGEST_ID = 64
_LARGEST_LIST = 16 * 1024 * 1024
_PART = 1 << 20
_BLOCK = re.compile(rb"<(Latest|Uncommitted|Committed)>([^<]*)</")


async def put(request: Request, container: Container, name: str, grant: Grant) -> Response:
    """Put Blob: the body is all of it. Raises `Refusal`."""
    kind = request.header("x-ms-blob-type")
    if kind.lower() != "blockblob":
        raise Refusal(400, "UnsupportedHeader", f"There are only block blobs, not {kind[:40]!r}.")
    if request.header("x-ms-copy-source"):
        raise Refusal(400, "UnsupportedHeader", "Blobs are not copied from other places.")
    state = _state(container)
    await _check_target(request, container, name, grant)
    said = properties.of_request(request, name)
    staged = _staged(state)
    try:
        digest = await _receive(request, staged, LARGEST_PUT)
        return await _keep(container, name, staged, digest, said)
    finally:
        staged.unlink(missing_ok=True)


async def put_block(request: Request, container: Container, name: str, grant: Grant) -> Response:
    """Put Block: one part, under an id that the list names later. Raises `Refusal`."""
    grant.need("w", "c")
    goal = _blocks(_state(container), name) / _block_id(request.query.get("blockid", ""))
    goal.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    unfinished = goal.with_name(f"{uuid.uuid4().hex}.part")
    try:
        await _receive(request, unfinished, LARGEST_BLOCK)
        unfinished.replace(goal)
    finally:
        unfinished.unlink(missing_ok=True)
    return Response(201)


async def put_list(request: Request, container: Container, name: str, grant: Grant) -> Response:
    """Put Block List: the blob is these blocks, in this order. Raises `Refusal`."""
    state = _state(container)
    await _check_target(request, container, name, grant)
    said = properties.of_request(request, name)
    folder = _blocks(state, name)
    blocks = list(_listed(await request.body.read(_LARGEST_LIST), folder))
    staged = _staged(state)
    try:
        digest = await asyncio.to_thread(_join, blocks, staged)
        response = await _keep(container, name, staged, digest, said)
    finally:
        staged.unlink(missing_ok=True)
    await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
    return response


async def put_metadata(request: Request, container: Container, name: str, grant: Grant) -> Response:
    """Set Blob Metadata: these instead of those before. Raises `Refusal`."""
    grant.need("w")
    state = _state(container)
    found = await _existing(container, name)
    reading.check_match(request, found)
    before = await asyncio.to_thread(properties.read, state, name)
    said = properties.Properties(
        properties.of_request(request, name).metadata, before.content_type, name
    )
    await asyncio.to_thread(properties.write, state, name, said)
    return Response(200, headers=_written(found))


async def delete(request: Request, container: Container, name: str, grant: Grant) -> Response:
    """Raises `Refusal`."""
    grant.need("d")
    state = _state(container)
    reading.check_match(request, await _existing(container, name))
    await container.remove(name)
    await asyncio.to_thread(properties.write, state, name, properties.Properties(name=name))
    return Response(202)


# -- what all of them need --------------------------------------------------------------------


def _state(container: Container) -> Path:
    if container.state is None:
        raise read_only(container.name)
    return container.state


async def _existing(container: Container, name: str) -> Found:
    found = await container.find(name)
    if found is None:
        raise Refusal(404, "BlobNotFound", f"There is no blob {name[:200]!r}.")
    return found


async def _check_target(request: Request, container: Container, name: str, grant: Grant) -> None:
    """Whether the caller may make, or replace, this blob now."""
    if name.endswith("/"):
        raise Refusal(400, "InvalidUri", "A blob's name does not end with a slash.")
    found = await container.find(name)
    if found is not None and request.header("If-None-Match") == "*":
        raise Refusal(409, "BlobAlreadyExists", f"The blob {name[:200]!r} is there already.")
    reading.check_match(request, found)
    grant.need("w", *(() if found else ("c",)))


async def _keep(
    container: Container, name: str, staged: Path, digest: str, said: properties.Properties
) -> Response:
    state = _state(container)
    try:
        await container.keep(name, staged, digest)
    except AmlError as error:
        raise Refusal.of(error) from None
    await asyncio.to_thread(properties.write, state, name, said)
    return Response(201, headers=_written(await _existing(container, name)))


def _written(found: Found) -> list[tuple[str, str]]:
    return [
        ("ETag", reading.etag(found)),
        ("Last-Modified", reading.moment(found.modified)),
        ("x-ms-request-server-encrypted", "true"),
    ]


def _staged(state: Path) -> Path:
    """A new name on the same disk; what a killed service left there goes with the next prune."""
    folder = state / "staged"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder / uuid.uuid4().hex


async def _receive(request: Request, target: Path, limit: int) -> str:
    """The body as the file `target`, safe on the disk; its SHA-256."""
    _check_plain(request)
    whole, check = hashlib.sha256(), hashlib.md5(usedforsecurity=False)
    size = 0

    def write(part: bytes) -> None:
        opened.write(part)
        whole.update(part)
        if expected:
            check.update(part)

    expected = request.header("Content-MD5")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    try:
        with os.fdopen(os.open(target, flags, 0o600), "wb") as opened:
            async for part in _parts(request):
                size += len(part)
                if size > limit:
                    raise Refusal(413, "RequestBodyTooLarge", f"It is over {limit} bytes.")
                await asyncio.to_thread(write, part)
            opened.flush()
            await asyncio.to_thread(os.fsync, opened.fileno())
    except OSError as error:
        raise from_os(error, target.parent) or error from error
    if expected and base64.b64encode(check.digest()).decode() != expected:
        raise Refusal(400, "Md5Mismatch", "The body is not what Content-MD5 says.")
    return whole.hexdigest()


def _check_plain(request: Request) -> None:
    if request.header("x-ms-structured-body"):
        raise Refusal(400, "UnsupportedHeader", "Structured bodies are not understood.")
    if request.header("x-ms-encryption-key"):
        raise Refusal(400, "UnsupportedHeader", "Keys of the caller's own are not understood.")


async def _parts(request: Request) -> AsyncIterator[bytes]:
    """The body in parts of about a megabyte: each is a turn of a thread."""
    waiting = bytearray()
    async for part in request.body:
        waiting += part
        if len(waiting) >= _PART:
            yield bytes(waiting)
            waiting.clear()
    if waiting:
        yield bytes(waiting)


# -- blocks -----------------------------------------------------------------------------------


def _blocks(state: Path, name: str) -> Path:
    return state / "blocks" / hashlib.sha256(name.encode()).hexdigest()


def _block_id(text: str) -> str:
    """A file's name for it. Raises `Refusal`."""
    try:
        raw = base64.b64decode(text, validate=True)
    except ValueError:
        raw = b""
    if not 0 < len(raw) <= _LONGEST_ID:
        raise Refusal(400, "InvalidQueryParameterValue", "A block id is base64 of 1 to 64 bytes.")
    return raw.hex()


def _listed(body: bytes, folder: Path) -> Iterator[Path]:
    """The files of the blocks in a list. Raises `Refusal` for one that is not there."""
    listed: list[tuple[bytes, bytes]] = _BLOCK.findall(body)
    for kind, text in listed:
        place = folder / _block_id(text.decode("ascii", "replace").strip())
        if kind == b"Committed" or len(listed) > MOST_BLOCKS or not place.is_file():
            raise Refusal(400, "InvalidBlockList", "The list names a block that was not sent.")
        yield place


def _join(blocks: list[Path], target: Path) -> str:
    """One file of them, safe on the disk; its SHA-256. Blocks."""
    whole = hashlib.sha256()
    try:
        with target.open("xb") as joined:
            for place in blocks:
                with place.open("rb") as block:
                    while part := block.read(_PART):
                        joined.write(part)
                        whole.update(part)
            joined.flush()
            os.fsync(joined.fileno())
    except OSError as error:
        raise from_os(error, target.parent) or error from error
    return whole.hexdigest()


async def sweep(home: Path, before: float) -> None:
    """Remove what was staged and never finished, older than `before` (seconds since 1970)."""
    await asyncio.to_thread(_sweep, home / "arm" / "blob", before)


def _sweep(root: Path, before: float) -> None:
    for left in (*root.glob("*/staged/*"), *root.glob("*/blocks/*")):
        with contextlib.suppress(OSError):  # gone meanwhile
            if left.stat().st_mtime < before:
                shutil.rmtree(left) if left.is_dir() else left.unlink()
