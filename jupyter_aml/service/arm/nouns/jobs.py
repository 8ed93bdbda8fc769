"""Jobs: accepted, looked up, listed, ended. What was logged and tagged is in `nouns.runs`."""

from __future__ import annotations

import html
from typing import Any

from jupyter_aml.model.errors import AmlError, Invalid, NotFound
from jupyter_aml.model.job import CreateJob, Job, UpdateJob
from jupyter_aml.model.lifecycle import JOB
from jupyter_aml.model.queries import ListJobs
from jupyter_aml.service.arm import lro
from jupyter_aml.service.arm.context import Context
from jupyter_aml.service.arm.jobs import accepting, errors, wire
from jupyter_aml.service.arm.jobs.document import STUDIO, document
from jupyter_aml.service.arm.jobs.listing import page_of
from jupyter_aml.service.arm.jobs.reading import PATH, tidy
from jupyter_aml.service.arm.message import Request, Response, convert, json_response
from jupyter_aml.service.arm.paging import next_link, number
from jupyter_aml.service.arm.remainder import remainder
from jupyter_aml.service.arm.route import Route
from jupyter_aml.service.arm.scope import WS
from jupyter_aml.service.arm.tokens import MACHINE_LEARNING

_PAGE = 30
_FIELDS = ("displayName", "description", "tags", "properties")
"""What `jobs.update` changes, by the same names."""


async def put(request: Request, context: Context) -> Response:
    """Accept it durably, or change what it is shown by: what it runs never changes."""
    name = request.fields["name"]
    sent = tidy((await request.struct(wire.Body)).properties)
    known = await _known(context, name)
    if known is not None:
        changed = await _change(request, context, known, sent)
        return json_response(await document(changed, context, request.scope))
    _check_user(request, context)
    spec = await accepting.read(sent, request.scope, context.facet("codes"))
    try:
        made = await context.jobs.create(body=CreateJob(spec=spec, name=name))
    except AmlError as error:
        raise errors.of_body(error, PATH) from None
    return json_response(await document(made, context, request.scope), 201)


async def _known(context: Context, name: str) -> Job | None:
    try:
        return await context.jobs.get(name)
    except NotFound:
        return None


def _check_user(request: Request, context: Context) -> None:
    """The second token that the SDK sends where Azure acts in the user's name."""
    if token := request.header("x-azureml-token"):
        audience = frozenset({MACHINE_LEARNING})
        context.tokens.verify(token.removeprefix("Bearer "), context.clock.time(), audience)


async def _change(request: Request, context: Context, known: Job, sent: wire.Json) -> Job:
    name = known.name
    free = (*_FIELDS, "isArchived", "services")
    fixed = {key: value for key, value in sent.items() if key not in free}
    said = (await document(known, context, request.scope))["properties"]
    other = remainder(fixed, said)
    if other:
        raise Invalid(
            f"There is a job {name!r} already, with another {', '.join(sorted(other))}.",
            target=f"{PATH}.{min(other)}",
            hint="Take a new name; of a job that exists, displayName, description, tags, "
            "properties and isArchived can be changed.",
        )
    told = {key: sent[key] for key in _FIELDS if key in sent}
    changed = await context.jobs.update(name, body=convert(told, UpdateJob, PATH))
    archived = sent.get("isArchived", changed.archived)
    if archived == changed.archived:
        return changed
    return await (context.jobs.archive if archived else context.jobs.restore)(name)


async def get(request: Request, context: Context) -> Response:
    found = await context.jobs.get(request.fields["name"])
    return json_response(await document(found, context, request.scope))


# -- lists --------------------------------------------------------------------------------------


async def list_(request: Request, context: Context) -> Response:
    """Newest first; the parts of sweeps and pipelines are told by run history."""
    view = request.option("listViewType").lower()
    after, found = request.option("$skip"), list[Any]()
    while True:
        query = ListJobs(
            max_results=min(number(request, "$top") or _PAGE, _PAGE),
            after=after,
            include_archived=view in ("all", "archivedonly"),
        )
        page = await page_of(context.jobs, query)
        for row in page.value:
            job = await context.jobs.get(row.name)
            if (view != "archivedonly" or job.archived) and _is_meant(request, job):
                found.append(await document(job, context, request.scope))
        after = page.next
        if found or not after:
            break
    more = after and not number(request, "$top")
    link = next_link(request, context, after) if more else None
    return json_response({"value": found, "nextLink": link})


def _is_meant(request: Request, job: Job) -> bool:
    """What the filters of the list say: ``jobType``, ``tag`` (a name, or NAME=VALUE)."""
    kind = request.option("jobType").casefold()
    mine = str(job.spec.__struct_config__.tag)
    if kind and kind != (mine if mine in ("sweep", "pipeline") else "command"):
        return False
    tag, _, value = request.option("tag").partition("=")
    return not tag or (tag in job.spec.tags and value in ("", job.spec.tags[tag]))


# -- ends ---------------------------------------------------------------------------------------


async def cancel(request: Request, context: Context) -> Response:
    ended = await context.jobs.cancel(request.fields["name"])
    if ended.status in JOB.final:
        return Response(200)
    return lro.accepted(request, context, "job_cancel", ended.name)


async def _is_canceled(_request: Request, context: Context, names: list[str]) -> lro.Progress:
    found = await context.jobs.get(names[0])
    return lro.Progress("Succeeded" if found.status in JOB.final else "InProgress")


async def delete(request: Request, context: Context) -> Response:
    """Hidden: what it cost stays in the ledger. One that runs has to be canceled first."""
    found = await context.jobs.get(request.fields["name"])
    if found.status not in JOB.final:
        raise Invalid(
            f"The job {found.name} is {found.status}.", target="name", hint="Cancel it first."
        )
    await context.jobs.archive(found.name)
    return Response(200)


async def view(request: Request, _context: Context) -> Response:
    """Where "Web View" leads. It says nothing of the job: a browser brings no token."""
    name = html.escape(request.fields["name"])
    text = (
        f"<!doctype html><title>{name}</title><p>The job <b>{name}</b> is on this machine: see it "
        f"in JupyterLab's Azure ML sidebar, or type</p><pre>jupyter aml job show {name}</pre>"
    )
    return Response(200, text.encode(), [("Content-Type", "text/html; charset=utf-8")])


ROUTES = (
    Route("Jobs_List", "GET", WS + "/jobs", list_),
    Route(
        "Jobs_CreateOrUpdate",
        "PUT",
        WS + "/jobs/{name}",
        put,
        note="Command, sweep and pipeline jobs; Spark, AutoML and fine-tuning are refused.",
    ),
    Route("Jobs_Get", "GET", WS + "/jobs/{name}", get),
    Route("Jobs_Cancel", "POST", WS + "/jobs/{name}/cancel", cancel),
    Route(
        "Jobs_Delete",
        "DELETE",
        WS + "/jobs/{name}",
        delete,
        "accepted",
        note="The job is archived: its history and its cost stay.",
    ),
    Route("job_view", "GET", STUDIO + "/{name}", view, guard="own"),
)
OPERATIONS = {"job_cancel": _is_canceled}
