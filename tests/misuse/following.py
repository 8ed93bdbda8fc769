"""What the tests of misuse ask of a job."""

from __future__ import annotations

from jupyter_aml.client import Client
from jupyter_aml.model.job import Job
from jupyter_aml.model.lifecycle import JOB
from jupyter_aml.testing.waiting import eventually_sync


def ended(client: Client, name: str, *, seconds: float = 60.0) -> Job:
    """The job, once its status is final."""

    def look() -> Job | None:
        found = client.jobs.get(name)
        return found if found.status in JOB.final else None

    found = eventually_sync(look, seconds=seconds)
    assert found is not None
    return found


def text(client: Client, name: str, *kinds: str) -> str:
    """What it wrote so far, stdout unless `kinds` says otherwise."""
    wanted = kinds or ("stdout",)
    return "".join(e.text for e in client.jobs.follow(name, wait=False) if e.kind in wanted)
