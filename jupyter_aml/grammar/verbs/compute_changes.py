"""What changes a compute: create, attach, update, start, stop, restart, delete, detach, evict."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from jupyter_aml.grammar import options
from jupyter_aml.grammar.documents import document
from jupyter_aml.grammar.kinds import Kind, whole_minutes, whole_seconds
from jupyter_aml.grammar.language import Call, Option
from jupyter_aml.grammar.result import Result
from jupyter_aml.grammar.verbs.from_file import check_described, flag, of_file
from jupyter_aml.grammar.views import compute as view
from jupyter_aml.model.compute import (
    AmlCompute,
    AttachedCompute,
    Compute,
    ComputeInstance,
    ComputeSpec,
    UpdateCompute,
)
from jupyter_aml.model.errors import Invalid, NotFound
from jupyter_aml.model.names import check_name

POLL_SECONDS = 0.1
MOVING = frozenset({"Creating", "Starting", "Stopping", "Restarting", "Deleting"})
"""States that a compute leaves by itself, soon."""
BROKEN = frozenset({"CreateFailed", "Unusable", "Failed"})

SCALE = (
    Option(
        flags=("--min-instances",),
        kind=Kind.integer("COUNT", 0, 100),
        help="Nodes that a cluster keeps.",
    ),
    Option(
        flags=("--max-instances",),
        kind=Kind.integer("COUNT", 1, 100),
        help="Nodes that a cluster may grow to.",
    ),
    Option(
        flags=("--idle-time-before-scale-down",),
        kind=whole_seconds(0, 86_400),
        help="How long an idle node of a cluster is kept: 120, 10m, 1h.",
    ),
    Option(
        flags=("--idle-time-before-shutdown-minutes",),
        kind=whole_minutes(0, 4320),
        help="Minutes after which an idle instance stops; 0 is never.",
    ),
    Option(flags=("--description",), help="What it is for."),
    options.TAGS,
)
"""Fields that may change after creation."""

MACHINE = (
    Option(
        flags=("--type", "-t"),
        kind=Kind.choice("virtualmachine"),
        help="What it is: virtualmachine (the default), any machine that SSH reaches.",
    ),
    Option(
        flags=("--host",),
        help="A name, an address, or an alias of your SSH configuration.",
        required=True,
    ),
    Option(flags=("--user",), help="The login there; by default what SSH itself would take."),
    Option(
        flags=("--port",),
        kind=Kind.integer("PORT", 1, 65_535),
        help="By default what SSH itself would take.",
    ),
    Option(flags=("--identity-file",), help="A private key on this machine."),
    Option(flags=("--python",), help="The interpreter there; by default python3."),
    Option(flags=("--root",), help="The folder there that jobs lie in; ~/.cache/jupyter-aml."),
    Option(
        flags=("--max-jobs",),
        kind=Kind.integer("COUNT", 1, 1000),
        help="Jobs at once; by default one for each core.",
    ),
    Option(flags=("--description",), help="What it is for."),
    options.TAGS,
)
"""What `attach` is told of a machine."""
_CONFIG_KEYS = ("host", "user", "port", "identity_file", "python", "root", "max_jobs")

_SCALE_KEYS = tuple(option.name for option in SCALE)
_ONLY = {
    "min_instances": "amlcompute",
    "max_instances": "amlcompute",
    "idle_time_before_scale_down": "amlcompute",
    "tier": "amlcompute",
    "idle_time_before_shutdown_minutes": "computeinstance",
}


def create(call: Call) -> Result:
    spec = _spec(call)
    call.client.compute.create(spec)
    return _settled(call, spec.name)


def _spec(call: Call) -> ComputeSpec:
    """The file's compute, or the one that the options describe; never a mixture."""
    described = call.given("type", "size", "tier", *_SCALE_KEYS)
    if call["file"]:
        read = call.surface.machine.read_compute
        return of_file(call, read, described, example="max_instances=2")
    check_described(call, "compute", "compute create NAME --max-instances 2")
    kind = described.pop("type", "amlcompute")
    return _described(kind, check_name("compute", call["name"]), described)


def _described(kind: str, name: str, fields: dict[str, Any]) -> ComputeSpec:
    for field in fields:
        if _ONLY.get(field, kind) != kind:
            option = flag(field)
            raise Invalid(f"{option} is for --type {_ONLY[field]}, not {kind}.", target=option)
    if "tags" in fields:
        fields["tags"] = dict(fields["tags"])
    if kind == "computeinstance":
        if fields.get("idle_time_before_shutdown_minutes") == 0:
            fields["idle_time_before_shutdown_minutes"] = None
        return ComputeInstance(name=name, **fields)
    least = fields.get("min_instances", 0)
    most = fields.setdefault("max_instances", max(1, least))
    _check_scale(least, most)
    return AmlCompute(name=name, **fields)


def _check_scale(least: int, most: int) -> None:
    if least > most:
        raise Invalid(
            f"--min-instances {least} is more than --max-instances {most}.",
            target="--min-instances",
        )


def update(call: Call) -> Result:
    fields = call.changes(*_SCALE_KEYS, example=f"compute update {call['name']} --max-instances 2")
    if "min_instances" in fields and "max_instances" in fields:
        _check_scale(fields["min_instances"], fields["max_instances"])
    if "tags" in fields:
        fields["tags"] = call.client.compute.get(call["name"]).spec.tags | dict(fields["tags"])
    return view.shown(call.client.compute.update(call["name"], UpdateCompute(**fields)))


def attach(call: Call) -> Result:
    more = call.given("description", "tags")
    if "tags" in more:
        more["tags"] = dict(more["tags"])
    name = check_name("compute", call["name"])
    spec = AttachedCompute(name=name, config=call.given(*_CONFIG_KEYS), **more)
    return view.shown(call.client.compute.attach(spec))


def delete(call: Call) -> Result:
    return _end(call, "Delete", "deleted", call.client.compute.delete)


def detach(call: Call) -> Result:
    return _end(call, "Detach", "detached", call.client.compute.detach)


def _end(call: Call, verb: str, done: str, act: Callable[[str], Compute]) -> Result:
    """Ask, do it, and wait until it is gone."""
    compute = call.client.compute.get(call["name"])
    name, loses = compute.name, view.lost_with(compute)
    if not call["yes"] and not call.surface.confirm(f"{verb} {name}?", loses=loses):
        return view.shown(compute, f"{name} was not {done}.", exit_code=1)
    gone = act(name)
    while not call["no_wait"] and _exists(call, name):
        call.surface.sleep(POLL_SECONDS)
    # Who was asked has read already what is lost.
    note = f"{done.capitalize()} {name}. {loses if call['yes'] else ''}".rstrip()
    return Result(value=gone, document=document(gone), notes=[note])


def _exists(call: Call, name: str) -> bool:
    try:
        call.client.compute.get(name)
    except NotFound:
        return False
    return True


def stop(call: Call) -> Result:
    compute = call.client.compute.get(call["name"])
    name, loses = compute.name, view.lost_with(compute)
    asks = loses and not call["yes"]
    if asks and not call.surface.confirm(f"Stop {name}?", loses=loses):
        return view.shown(compute, f"{name} was not stopped.", exit_code=1)
    call.client.compute.stop(name)
    return _settled(call, name)


def moved(verb: Callable[[Call], object]) -> Callable[[Call], Result]:
    """Do `verb`, then wait for what it leads to."""

    def run(call: Call) -> Result:
        verb(call)
        return _settled(call, call["name"])

    return run


def _settled(call: Call, name: str) -> Result:
    """Wait until `name` has left the states that it leaves by itself, unless told not to."""
    compute = call.client.compute.get(name)
    while compute.state in MOVING and not call["no_wait"]:
        call.surface.sleep(POLL_SECONDS)
        compute = call.client.compute.get(name)
    if compute.state in BROKEN:
        removes = f"Remove it by: {call.command(f'compute delete {name}')}"
        return view.shown(compute, removes, exit_code=1)
    return view.shown(compute)


def evict(call: Call) -> Result:
    compute = call.client.compute.evict(call["name"], node=call["node"] or "")
    return view.shown(compute, "Jobs with retries left are queued again; the others end as Failed.")
