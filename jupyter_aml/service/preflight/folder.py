"""How much of a folder would travel, counted within a bounded time."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Sequence

from jupyter_aml.model.preflight import BigFile, Ships

LARGEST = 5
_LOOK_EVERY = 64


def measure(
    files: Iterable[tuple[str, int]],
    left_out: Sequence[str],
    *,
    limit_bytes: int,
    is_late: Callable[[], bool],
) -> Ships:
    """Count `files` (path, bytes) until `is_late`; `left_out` fills up while they are walked."""
    count = total = 0
    complete = True
    largest: list[tuple[int, str]] = []
    for path, size in files:
        count += 1
        total += size
        heapq.heappush(largest, (size, path))
        if len(largest) > LARGEST:
            heapq.heappop(largest)
        if count % _LOOK_EVERY == 0 and is_late():
            complete = False
            break
    return Ships(
        files=count,
        bytes=total,
        limit_bytes=limit_bytes,
        complete=complete,
        largest=[BigFile(path=path, bytes=size) for size, path in sorted(largest, reverse=True)],
        left_out=list(left_out),
    )
