"""Disk: how much each kind of thing takes, and what was removed to make room."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

StoredKind = Literal[
    "jobs", "outputs", "logs", "environments", "snapshots", "data", "pool", "database", "other"
]


class Stored(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """One kind of thing on the disk.

    jobs: working folders, inputs, results. outputs: named outputs. logs: what jobs and nodes
    printed, and the service's own log. environments: built ones. snapshots: code folders. data:
    what data assets and models hold. pool: large variables on their way. database: the service's
    own. other: what nobody claims.
    """

    kind: StoredKind
    bytes: int
    items: int


class StorageUsage(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """Bytes as the disk counts them (allocated, not apparent); ``free_bytes`` is of ``home``."""

    home: str
    kinds: list[Stored]
    total_bytes: int
    free_bytes: int
    measured_at: str = ""


class PruneStorage(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """Body of `service.prune`: what is older goes, then the oldest until the rest fits.

    Archived jobs go before others of the limit. With neither limit only leftovers go: what no
    job, node or session belongs to any more.
    """

    older_than_days: Annotated[float, Meta(ge=0)] | None = None
    max_bytes: Annotated[int, Meta(ge=0)] | None = None
    dry_run: bool = False


class Pruned(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """One thing that was removed, or would be."""

    kind: StoredKind
    name: str
    bytes: int
    used_at: str = ""
    """When it was last of use: a job's end, a snapshot's last job."""
    reason: str = ""
    """Why it went, in words: "ended 41 days ago", "over 10 GB"."""


class Kept(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """One thing that the limits would have taken, and why it stayed."""

    kind: StoredKind
    name: str
    bytes: int
    reason: str


class PruneReport(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """What `service.prune` removed; with ``dry_run`` what it would remove."""

    dry_run: bool
    removed: list[Pruned]
    kept: list[Kept] = []
    removed_bytes: int = 0
    left_bytes: int = 0
    free_bytes: int = 0
