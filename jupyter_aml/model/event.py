"""What happened in a job, in order: one `Event` per line of its event log.

A job's log is append-only; ``seq`` starts at 1 and grows by one. It is on disk before anyone
sees it, so a reader that reconnects with ``after=<last seq seen>`` misses and repeats nothing.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec

Kind = Literal[
    "status",
    "stdout",
    "stderr",
    "display_data",
    "update_display_data",
    "execute_result",
    "clear_output",
    "error",
    "metric",
    "progress",
    "notice",
]


class Event(msgspec.Struct, rename="camel", frozen=True, omit_defaults=True, kw_only=True):
    """One thing that happened in a job. Which fields are set depends on ``kind``.

    status: ``status``, ``reason``, ``attempt``. stdout, stderr: ``text``. display_data,
    update_display_data, execute_result: ``data``, ``metadata``, ``transient``. clear_output:
    ``wait``. error: ``ename``, ``evalue``, ``traceback``. metric: ``name``, ``value``, ``step``.
    progress: ``value`` of ``total``, ``text``. notice: ``text`` from the service itself
    ("the first 200 MB of output were dropped").
    """

    seq: int
    time: str
    kind: Kind
    node: int = 0
    """Rank of the node it came from, in a job over several nodes."""
    text: str = ""
    data: dict[str, Any] = {}
    metadata: dict[str, Any] = {}
    transient: dict[str, Any] = {}
    wait: bool = False
    ename: str = ""
    evalue: str = ""
    traceback: list[str] = []
    status: str = ""
    reason: str = ""
    attempt: int = 0
    name: str = ""
    value: float | None = None
    total: float | None = None
    step: int | None = None


STREAM_KINDS = frozenset({"stdout", "stderr"})
