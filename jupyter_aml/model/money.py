"""Money: what compute costs now, what was spent, and what the budget's guard does about it.

Amounts are US dollars. On a local workspace nothing is ever charged: every amount is what the
same time would list at in Azure (``rehearsal`` is True, and every surface says "would be").
``local`` and ``local.*`` sizes cost nothing. A day is a calendar day where the service runs.
"""

from __future__ import annotations

from typing import Literal

import msgspec

GuardState = Literal["off", "watching", "warned", "holding", "stopping", "silent"]
"""off: no budget is set. watching: below the warning share. warned: above it. holding: no new
paid work is taken. stopping: what costs is being stopped, or was. silent: not seen in time."""

EntryKind = Literal["job", "idle", "instance", "endpoint"]
"""job: a node's time with a job. idle: a cluster's node without one. instance: an instance's time
without one. endpoint: an instance's time of an online deployment."""

GroupBy = Literal["", "day", "compute", "notebook", "job", "kind"]


class Guard(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """The guard of the budget, as its watchdog sees it."""

    state: GuardState = "off"
    seen_at: str | None = None
    """When it last looked; silent ones were not seen since."""
    message: str = ""
    """What it did and what comes next, in a sentence; the cause when it is silent."""


class ComputeCost(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """One compute that costs something now."""

    compute: str
    size: str = ""
    nodes: int
    rate_per_hour: float
    since: str = ""
    """When the oldest of its nodes came up."""
    spent_today: float = 0


class NotebookCost(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """What the jobs of one notebook took today. Idle time of nodes belongs to no notebook."""

    notebook: str
    spent_today: float
    budget: float | None = None
    state: GuardState = "off"


class CostSummary(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """The cost header: rate, budget, spent, how long it lasts at this rate."""

    rehearsal: bool = True
    """True: nothing is charged; say "would be"."""
    currency: str = "USD"
    rate_per_hour: float = 0
    spent_today: float = 0
    budget_per_day: float | None = None
    lasts_until: str | None = None
    """When the budget is used up at this rate; None without a budget, a rate or an end today."""
    resets_at: str = ""
    """When the day ends and the budget begins anew."""
    guard: Guard = Guard()
    per_compute: list[ComputeCost] = []
    per_notebook: list[NotebookCost] = []
    note: str = ""
    """How exact the prices are, in words, for every surface to show."""


class LedgerEntry(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """Time of one node that went to one purpose, within one day.

    The entries of a node follow each other without a gap, so they sum to its whole time; those of
    a job sum to its receipt. Where an instance runs several jobs at once each gets its share.
    """

    kind: EntryKind
    day: str
    compute: str
    node: str
    size: str = ""
    job: str = ""
    notebook: str = ""
    started_at: str
    seconds: float
    amount: float


class LedgerGroup(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """Entries that have one value of what they are grouped by."""

    name: str
    seconds: float
    amount: float
    job_amount: float = 0
    """The part that jobs took; the rest was idle."""


class Ledger(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """Newest entries first; groups by name, days newest first. Totals are of everything asked for.

    With ``groupBy`` there are no entries.
    """

    entries: list[LedgerEntry] = []
    groups: list[LedgerGroup] = []
    seconds: float = 0
    amount: float = 0
    job_amount: float = 0
    currency: str = "USD"
    rehearsal: bool = True


class Notice(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """Something the service announces before it happens, or that a person should hear.

    On the feed as ``notice``, under a name of its own; changed in place, gone when it is over.
    """

    name: str
    kind: Literal["info", "warning", "error"] = "warning"
    text: str
    target: str = ""
    hint: str = ""
    """What a person can do about it, with the command to type."""
    since: str = ""
