"""Pages of jobs: a facet may give them decoded, or as the JSON that it has stored."""

from __future__ import annotations

import msgspec

from jupyter_aml.model.job import JobPage
from jupyter_aml.model.queries import ListJobs
from jupyter_aml.service.backends.protocol import JobsFacet

_decode = msgspec.json.Decoder(JobPage).decode


async def page_of(jobs: JobsFacet, query: ListJobs) -> JobPage:
    found = await jobs.list(query=query)
    return found if isinstance(found, JobPage) else _decode(found)
