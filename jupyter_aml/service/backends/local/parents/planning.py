"""What a parent's planner sees and answers. Pure data.

`plan(view) -> actions` is asked whenever something about a child changed. Doing what it answers
and asking again gives nothing new; so after ``kill -9`` the same question is simply asked again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from jupyter_aml.model.errors import ErrorBody
from jupyter_aml.model.job import Job, JobSpec
from jupyter_aml.model.lifecycle import JOB


@dataclass(frozen=True)
class View:
    """A parent that has begun and is not being ended."""

    job: Job
    children: Mapping[str, Job] = field(default_factory=dict[str, Job])
    """By name, in the order in which they were made; those that have ended, too."""
    reports: Mapping[str, Sequence[float]] = field(default_factory=dict[str, Sequence[float]])
    """By child: every value of the metric that the kind watches, oldest first."""
    refused: Mapping[str, ErrorBody] = field(default_factory=dict[str, ErrorBody])
    """Children that were not accepted, and why. They are not tried again."""

    @property
    def living(self) -> list[Job]:
        return [job for job in self.children.values() if job.status not in JOB.final]


@dataclass(frozen=True)
class Create:
    """Make a child. Without a spec the kind is asked for it (`Kind.spec_of`) off the loop."""

    name: str
    spec: JobSpec | None = None


@dataclass(frozen=True)
class Cancel:
    """End a child; `words` say why where the reason alone does not."""

    name: str
    reason: str = "Canceled"
    words: str = ""


@dataclass(frozen=True)
class Show:
    """What the parent says of its progress."""

    progress: float | None
    doing: str
    best_child: str = ""


@dataclass(frozen=True)
class End:
    """End the parent. No child may live any more, and none may be made by the same answer."""

    status: str
    reason: str = ""
    error: ErrorBody | None = None
    outputs: Mapping[str, str] = field(default_factory=dict[str, str])
    registered: Mapping[str, str] = field(default_factory=dict[str, str])
    best: str = ""
    """The child whose outputs become the assets that the parent's outputs name."""


Action = Create | Cancel | Show | End


def plan_end(view: View, reason: str) -> list[Action]:
    """The parent is to end (Canceled, Timeout, the budget): first its children, then itself."""
    if view.living:
        return [Cancel(job.name) for job in view.living if job.status != "CancelRequested"]
    return [End("Canceled", reason, _why(view.job, reason))]


def _why(job: Job, reason: str) -> ErrorBody | None:
    if reason != "Timeout":
        return None
    return ErrorBody(
        code="JobCanceled",
        message=f"The job ran into its timeout of {job.spec.timeout:g} s and was ended.",
        target=job.name,
        hint="Give it more (limits.timeout), or none by leaving it out.",
    )
