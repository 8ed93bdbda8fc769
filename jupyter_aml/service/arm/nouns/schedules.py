"""Schedules: jobs that are made by the clock."""

from __future__ import annotations

from typing import Any

import msgspec

from jupyter_aml.model.errors import AmlError, Invalid, NotFound
from jupyter_aml.model.schedule import (
    CreateSchedule,
    CronTrigger,
    RecurrencePattern,
    RecurrenceTrigger,
    Schedule,
    ScheduledJob,
    Trigger,
    TriggerSchedule,
)
from jupyter_aml.service.arm.context import Context
from jupyter_aml.service.arm.jobs import accepting, errors, words
from jupyter_aml.service.arm.jobs.document import spec_said
from jupyter_aml.service.arm.jobs.reading import tidy
from jupyter_aml.service.arm.jobs.wire import Json
from jupyter_aml.service.arm.message import Request, Response, convert, json_response
from jupyter_aml.service.arm.paging import page
from jupyter_aml.service.arm.remainder import remainder, restored, without_nulls
from jupyter_aml.service.arm.resource import resource
from jupyter_aml.service.arm.route import Route
from jupyter_aml.service.arm.scope import WS, Scope, reference

_ACTION = "$.properties.action"
_TRIGGER = "$.properties.trigger"
_KINDS = {"cron": "Cron", "recurrence": "Recurrence"}
_SOURCE = "sourceJobId"


class _Pattern(msgspec.Struct, rename="camel", frozen=True):
    hours: list[int] = []
    minutes: list[int] = []
    week_days: list[str] = []
    month_days: list[int] = []


class _Trigger(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    trigger_type: str
    start_time: str = ""
    end_time: str = ""
    time_zone: str = "UTC"
    expression: str = ""
    frequency: str = ""
    interval: int = 1
    schedule: _Pattern = _Pattern()


class _Action(msgspec.Struct, rename="camel", frozen=True):
    action_type: str
    job_definition: Json = {}


class _Properties(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    trigger: Json
    action: _Action
    display_name: str = ""
    description: str = ""
    tags: dict[str, str] = {}
    properties: dict[str, str] = {}
    is_enabled: bool = True


class _Body(msgspec.Struct, frozen=True):
    properties: Json


class _When(msgspec.Struct, rename="camel", frozen=True):
    schedule_time: str = ""


# -- from ARM -------------------------------------------------------------------------------


async def put(request: Request, context: Context) -> Response:
    """Made, or replaced whole; then it is done."""
    sent = without_nulls((await request.struct(_Body)).properties)
    asked = convert(sent, _Properties, "$.properties")
    job = await _job(asked.action, request, context)
    trigger = read_trigger(asked.trigger)
    body = CreateSchedule(
        name=request.fields["name"],
        trigger=trigger,
        job=job,
        display_name=asked.display_name,
        description=asked.description,
        tags=asked.tags,
        properties=asked.properties,
        enabled=asked.is_enabled,
        azure={"trigger": remainder(asked.trigger, trigger_said(trigger))},
    )
    try:
        made = await context.facet("schedules").create(body=body)
    except AmlError as error:
        raise errors.of_body(error, "$.properties") from None
    return json_response(_told(made, context, request.scope))


async def _job(action: _Action, request: Request, context: Context) -> ScheduledJob:
    """What is made each time: written out, or a job that there is already."""
    if action.action_type.casefold() != "createjob":
        raise Invalid(
            f"Schedules do not {action.action_type} here.",
            target=f"{_ACTION}.actionType",
            hint="They create jobs (CreateJob); a batch endpoint is invoked by a job of its own.",
        )
    here = f"{_ACTION}.jobDefinition"
    sent = tidy(action.job_definition)
    source = sent.get(_SOURCE)
    if isinstance(source, str) and not sent.get("jobs"):
        spec = await _of_job(source, context, f"{here}.{_SOURCE}")
    else:
        spec = await accepting.read(sent, request.scope, context.facet("codes"), here)
    return convert_scheduled(spec, f"{here}.jobType")


async def _of_job(source: str, context: Context, target: str) -> Any:
    found = reference(source)
    try:
        job = await context.jobs.get(found.name if found else source)
    except NotFound as error:
        raise Invalid(error.message, target=target) from None
    return msgspec.structs.replace(job.spec, azure={_SOURCE: source, **job.spec.azure})


def convert_scheduled(spec: Any, target: str) -> ScheduledJob:
    """`spec` if it can be made by the clock. Raises `Invalid`."""
    kind = str(spec.__struct_config__.tag)
    if kind in ("cell", "kernel"):
        raise Invalid(f"A {kind} belongs to a notebook, and cannot be scheduled.", target=target)
    return spec


def read_trigger(sent: Json, path: str = _TRIGGER) -> Trigger:
    """When. Raises `Invalid`, saying where."""
    asked = convert(sent, _Trigger, path)
    common: Json = {
        "startTime": asked.start_time,
        "endTime": asked.end_time,
        "timeZone": asked.time_zone,
    }
    if words.ours(_KINDS, asked.trigger_type, f"{path}.triggerType") == "cron":
        told = common | {"type": "cron", "expression": asked.expression}
        return convert(told, CronTrigger, path)
    pattern: Json = msgspec.to_builtins(asked.schedule)
    pattern["weekDays"] = [day.lower() for day in asked.schedule.week_days]
    told = common | {
        "type": "recurrence",
        "frequency": asked.frequency.lower(),
        "interval": asked.interval,
    }
    if any(pattern.values()):
        told["schedule"] = pattern
    return convert(told, RecurrenceTrigger, path)


# -- to ARM ---------------------------------------------------------------------------------


def trigger_said(trigger: Trigger) -> Json:
    found: Json = {
        "triggerType": _KINDS[str(trigger.__struct_config__.tag)],
        "timeZone": trigger.time_zone,
    }
    if trigger.start_time:
        found["startTime"] = trigger.start_time
    if trigger.end_time:
        found["endTime"] = trigger.end_time
    if isinstance(trigger, CronTrigger):
        return found | {"expression": trigger.expression}
    pattern: Json = msgspec.to_builtins(trigger.schedule or RecurrencePattern())
    pattern["weekDays"] = [day.capitalize() for day in pattern["weekDays"]]
    given = {n: one for n, one in pattern.items() if one or n in ("hours", "minutes")}
    return found | {
        "frequency": trigger.frequency.capitalize(),
        "interval": trigger.interval,
        "schedule": given,
    }


def _definition(found: Schedule, scope: Scope) -> Json:
    """A job that was named is told as it was sent: the SDK knows such schedules of pipelines only,
    and could not send one of another kind again."""
    source = found.job.azure.get(_SOURCE)
    said = spec_said(found.job, scope)
    if source is None or said["jobType"] == "Pipeline":
        return said
    kept = ("displayName", "description", "experimentName", "tags", "properties")
    return {"jobType": "Pipeline", _SOURCE: source, **{name: said[name] for name in kept}}


def _told(found: Schedule, context: Context, scope: Scope) -> Json:
    properties: Json = {
        "displayName": found.display_name,
        "description": found.description,
        "tags": found.tags,
        "properties": found.properties,
        "isEnabled": found.enabled,
        "provisioningState": "Succeeded",
        "trigger": restored(trigger_said(found.trigger), found.azure.get("trigger", {})),
        "action": {"actionType": "CreateJob", "jobDefinition": _definition(found, scope)},
    }
    return resource(
        scope,
        ("schedules", found.name),
        properties,
        created_at=found.created_at,
        modified_at=found.updated_at,
        user=context.user,
    )


async def get(request: Request, context: Context) -> Response:
    found = await context.facet("schedules").get(request.fields["name"])
    return json_response(_told(found, context, request.scope))


async def list_(request: Request, context: Context) -> Response:
    view = request.option("listViewType").casefold() or "enabledonly"
    known: list[Schedule] = (await context.facet("schedules").list()).value
    meant = [one for one in known if view == "all" or one.enabled == (view != "disabledonly")]
    return page(request, context, [_told(one, context, request.scope) for one in meant])


async def delete(request: Request, context: Context) -> Response:
    try:
        await context.facet("schedules").delete(request.fields["name"])
    except NotFound:
        return Response(204)
    return Response(200)


async def trigger(request: Request, context: Context) -> Response:
    when = await request.struct(_When)
    body = TriggerSchedule(time=when.schedule_time)
    made = await context.facet("schedules").trigger(request.fields["name"], body=body)
    return json_response({"scheduleActionType": "CreateJob", "submissionId": made.name})


_ONE = WS + "/schedules/{name}"
ROUTES = (
    Route("Schedules_List", "GET", WS + "/schedules", list_),
    Route(
        "Schedules_CreateOrUpdate",
        "PUT",
        _ONE,
        put,
        note="Jobs by cron and recurrence, while the service lives; monitors and data imports are "
        "refused.",
    ),
    Route("Schedules_Get", "GET", _ONE, get),
    Route("Schedules_Delete", "DELETE", _ONE, delete),
    Route("schedules_trigger", "POST", _ONE + "/trigger", trigger),
)
