"""The variables a cell left: signed by the job, checked here before anyone unpickles them."""

from __future__ import annotations

import hashlib
import hmac
import os
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, cast

import msgspec

from jupyter_aml.model.job import ResultInfo
from jupyter_aml.service import clock

SIGNATURE = hashlib.sha256().digest_size
_INLINE = 1 << 20
"""Files up to this many bytes are checked on the event loop; hashing one takes under 1 ms."""


def last_frame(folder: Path, kind: str, rank: int = 0) -> dict[str, Any] | None:
    """The last frame of `kind` ("done", "error") that `rank` wrote, or None."""
    try:
        lines = (folder / f"frames.{rank}").read_bytes().splitlines()
    except OSError:
        return None
    needle = f'"k":"{kind}"'.encode()
    for line in reversed(lines):
        if needle not in line.replace(b" ", b"")[:64]:
            continue
        try:
            frame: dict[str, Any] = msgspec.json.decode(line)
        except msgspec.DecodeError:
            continue
        if frame.get("k") == kind:
            return frame
    return None


PLAIN: Mapping[str, Any] = MappingProxyType({"k": "done", "status": "ok"})
"""The ``done`` frame of a cell that ended well and left nothing but text, as far as anybody asks
for what is in it."""


def plain_sizes(exit_: Mapping[str, Any]) -> tuple[int, int, int] | None:
    """Of such a cell: what its stdout, stderr and frames held when it had done all."""
    sizes = exit_.get("sizes")
    if exit_.get("code") != 0 or exit_.get("reason") or not isinstance(sizes, list):
        return None
    stdout, stderr, frames = cast("list[int]", sizes)
    return stdout, stderr, frames


class _Noted(msgspec.Struct):
    code: int
    cpu_seconds: float
    peak_memory: int
    ended: Annotated[float, msgspec.Meta(ge=0, lt=1 << 36)]
    """Seconds since 1970."""


def noted_exit(folder: Path, rank: int) -> dict[str, Any] | None:
    """The exit of a session's cell as its own process noted it, in the words of a node's message.

    None where it wrote none: it died, it is no session's, or it still runs.
    """
    exit_ = (last_frame(folder, "done", rank) or {}).get("exit")
    try:
        noted = msgspec.convert(exit_, _Noted)
    except msgspec.ValidationError:
        return None  # a program may write there too
    words = {"signal": None, "reason": "", "message": "", "rank": rank}
    return {**msgspec.structs.asdict(noted), **words, "ended": clock.iso(noted.ended)}


def size(folder: str) -> int:
    """Bytes of the pickle; -1 where a job left none."""
    try:
        return os.stat(f"{folder}{os.sep}result.pkl").st_size
    except OSError:
        return -1


def is_small(size: int) -> bool:
    """Whether it may be checked on the event loop."""
    return size <= _INLINE


def nothing(done: Mapping[str, Any]) -> ResultInfo | None:
    """Of an attempt without a result: why the names that were asked for did not come back."""
    kept = _kept(done.get("result") or {})
    return ResultInfo(kept=kept) if kept else None


def check(folder: Path, key: str, done: Mapping[str, Any] | None) -> ResultInfo | None:
    """The result of an attempt, or None where there is none or its signature is wrong.

    Only the pickle is signed: the buffers beside it are plain bytes, which run nothing when they
    are read, and hashing them would take longer than copying them.
    """
    told: Mapping[str, Any] = (done or {}).get("result") or {}
    path = folder / "result.pkl"
    try:
        data = path.read_bytes()
    except OSError:
        return None
    expected = hmac.digest(bytes.fromhex(key), data[SIGNATURE:], "sha256")
    if not hmac.compare_digest(expected, data[:SIGNATURE]):
        return ResultInfo(kept=dict.fromkeys(told.get("names", {}), "its signature is wrong"))
    return ResultInfo(
        names={str(k): int(v) for k, v in told.get("names", {}).items()},
        kept=_kept(told),
        path=str(path),
        lengths=[int(length) for length in told.get("lengths", [])],
    )


def _kept(told: Mapping[str, Any]) -> dict[str, str]:
    return {str(name): str(why) for name, why in told.get("kept", {}).items()}
