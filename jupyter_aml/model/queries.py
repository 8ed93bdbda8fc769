"""Queries and small bodies of the API table: what a request says besides the thing it is about."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from jupyter_aml.model.compute import Tier
from jupyter_aml.model.money import GroupBy


class ListJobs(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    max_results: int = 50
    after: str = ""
    """The ``next`` of the page before."""
    include_archived: bool = False
    status: str = ""
    """One status word, or "active"."""
    compute: str = ""
    experiment_name: str = ""
    parent: str = ""
    """The parts of this sweep or pipeline; empty lists jobs that are no part of another."""


class FollowJob(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    after: int = 0
    """Send events with a larger ``seq`` only."""
    wait: bool = True
    """False: send what is there and end."""


class ReadFile(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    path: str
    offset: int = 0


class FindCell(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    notebook: str
    cell_id: str


class ListSizes(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    type: str = ""
    """"amlcompute" or "computeinstance"; empty lists all."""
    tier: Tier | Literal[""] = ""
    """Whose quota says what can be had: a size of which one node is too much comes back as not
    available, with the reason and the nearest that is. Empty asks none."""


class FindStarts(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """Of one size or one environment; empty lists every one that is known."""

    size: str = ""
    environment: str = ""


class History(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    seconds: int = 600


class ListEnvironments(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    name: str = ""
    """Every version of this one; empty lists the newest version of each."""
    include_archived: bool = False


class FindEnvironment(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    version: str = ""
    """Empty, or "latest", is the newest one."""


class FollowBuild(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    version: str = ""
    after: int = 0
    """Send lines with a larger ``seq`` only."""
    wait: bool = True
    """False: send what is there and end."""


class ListAssets(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """Of data and models."""

    name: str = ""
    """Every version of this one; empty lists the newest version of each."""
    stage: str = ""
    """Of models: only those in this stage."""
    job: str = ""
    """Only what was made by, or registered from, this job."""
    data: str = ""
    """Of models: only those made from this data asset (``azureml:name:version``)."""
    include_archived: bool = False


class FindAsset(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    version: str = ""
    """Empty, or "latest", is the newest one."""


class BrowseFiles(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """Below an asset or a datastore. ``path`` is relative to it; empty is all of it."""

    version: str = ""
    path: str = ""
    offset: int = 0


class ReadLog(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """Of a deployment: the end of one of its logs."""

    kind: str = "console"
    """"console" (what the script printed) or "requests"."""
    instance: str = ""
    """Empty reads all of them, in time order."""
    tail: Annotated[int, msgspec.Meta(ge=0, le=100_000)] = 200
    follow: bool = False
    """Go on with what is written from now on."""


class StopService(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """``force`` ends what runs; without it a service with work under way answers Conflict."""

    force: bool = False


class TakeSnapshot(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    path: str
    limit_mb: int | None = None


class UseWorkspace(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    name: str


class ReadLedger(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    since: str = ""
    """A day (2026-11-21) or a moment; empty is the beginning of today."""
    group_by: GroupBy = ""
    max_results: Annotated[int, msgspec.Meta(ge=1, le=10_000)] = 1000
    """Most entries; sums are always of all."""


class FeedCommand(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """What a tab tells its feed: follow a job's events from ``after``, or stop."""

    class Follow(msgspec.Struct, rename="camel", frozen=True):
        job: str
        after: int = 0

    follow: Follow | None = None
    unfollow: Follow | None = None
