"""``%aml`` alone: what runs, where, since when, and what it costs."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from jupyter_aml.grammar import phrases
from jupyter_aml.grammar.documents import document
from jupyter_aml.grammar.language import Call, Noun, Verb
from jupyter_aml.grammar.result import Result
from jupyter_aml.grammar.views import compute as compute_view
from jupyter_aml.grammar.views import endpoint as endpoint_view
from jupyter_aml.grammar.views import job as job_view
from jupyter_aml.model.compute import Compute
from jupyter_aml.model.endpoint import OnlineDeployment
from jupyter_aml.model.errors import NotFound
from jupyter_aml.model.job import JobSummary, Session

MOST_JOBS = 50


class Overview(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that is under way in one workspace."""

    workspace: str
    jobs: Sequence[JobSummary]
    sessions: Sequence[Session]
    computes: Sequence[Compute]
    deployments: Sequence[OnlineDeployment] = ()

    @property
    def price_per_hour(self) -> float:
        """List price of all that is up now."""
        nodes = sum(compute.price_per_hour or 0 for compute in self.computes)
        return nodes + sum(
            (one.list_price_per_hour or 0) * len(one.instances) for one in self.deployments
        )


def _overview(call: Call) -> Result:
    client, now = call.client, call.surface.now()
    found = Overview(
        workspace=client.workspaces.list().current,
        jobs=client.jobs.list(status="active", max_results=MOST_JOBS).value,
        sessions=client.sessions.list().value,
        computes=client.compute.list().value,
        deployments=_deployments(call),
    )
    parts = [
        job_view.table(found.jobs, now, title="Running now", empty="No job is under way."),
        job_view.sessions(found.sessions, now, title="Sessions"),
        compute_view.table(found.computes, title="Compute"),
        endpoint_view.deployments(found.deployments, title="Endpoints"),
    ]
    return Result(
        value=found,
        document={**document(found), "price_per_hour": found.price_per_hour},
        parts=[part for part in parts if part.rows or part.empty],
        notes=[_costs(found), f"Workspace {found.workspace}. All verbs: {call.command('--help')}"],
    )


def _deployments(call: Call) -> list[OnlineDeployment]:
    """Of every endpoint; none in a workspace that knows none."""
    client = call.client
    try:
        names = [one.name for one in client.online_endpoints.list().value]
        return [one for name in names for one in client.online_deployments.list(name).value]
    except NotFound:
        return []


def _costs(found: Overview) -> str:
    if not found.price_per_hour:
        return "Nothing here costs money now."
    rate = phrases.rate(found.price_per_hour)
    if all(compute.rehearsal for compute in found.computes if compute.price_per_hour):
        return f"In Azure, what is up now would be {rate} (list price, approximate)."
    return f"What is up now costs about {rate}."


OVERVIEW = Noun(
    name="",
    summary="What runs, where, since when, and what it costs.",
    verbs=(
        Verb(name="", summary="What runs, where, since when, and what it costs.", run=_overview),
    ),
)
