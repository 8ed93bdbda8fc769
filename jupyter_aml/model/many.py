"""Many jobs in one request: a sweep, a `map`. Accepted all together, or not at all."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from jupyter_aml.model.job import CreateJob, Job

MOST_AT_ONCE = 1000
"""Jobs of one request: it is one commit, and as many take some 30 ms."""


class CreateJobs(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """Body of `jobs.create_many`.

    Each job is named as for `jobs.create`: one that is there with the same spec is that one.
    """

    jobs: Annotated[list[CreateJob], Meta(min_length=1)]


class JobList(msgspec.Struct, rename="camel", frozen=True):
    """The jobs of a request, in its order."""

    value: list[Job]
