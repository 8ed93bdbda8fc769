"""Computes and nodes as people read them."""

from __future__ import annotations

from collections.abc import Sequence

from jupyter_aml.grammar import phrases
from jupyter_aml.grammar.documents import document
from jupyter_aml.grammar.result import Column, Record, Result, Table
from jupyter_aml.model.compute import (
    AmlCompute,
    AttachedMachine,
    Compute,
    ComputeInstance,
    ComputeSpec,
    LocalCompute,
    Node,
)


def table(computes: Sequence[Compute], title: str = "") -> Table:
    """Computes as rows; `overview` shows the same."""
    columns = [
        Column(title="Name", flexible=True),
        Column(title="Type"),
        Column(title="Size", flexible=True),
        Column(title="State", state=True),
        Column(title="Nodes", right=True),
        Column(title="Jobs", right=True),
        Column(title="Now", right=True),
        Column(title="Reason", flexible=True),
    ]
    return Table(columns=columns, rows=[_row(c) for c in computes], title=title)


def _row(compute: Compute) -> list[str]:
    return [
        compute.name,
        kind_of(compute.spec),
        compute.spec.size,
        compute.state,
        _nodes_in_words(compute),
        _jobs_in_words(compute),
        _rate(compute),
        compute.error or compute.reason,
    ]


def kind_of(spec: ComputeSpec) -> str:
    return str(spec.__struct_config__.tag)


def _nodes_in_words(compute: Compute) -> str:
    if isinstance(compute.spec, AmlCompute):
        scale = f"{compute.spec.min_instances}..{compute.spec.max_instances}"
        return f"{compute.current_nodes} of {scale}"
    return "" if isinstance(compute.spec, LocalCompute) else str(compute.current_nodes)


def _jobs_in_words(compute: Compute) -> str:
    queued = f" +{compute.queued_jobs} queued" if compute.queued_jobs else ""
    return f"{compute.running_jobs}{queued}" if compute.running_jobs or queued else ""


def _rate(compute: Compute) -> str:
    text = phrases.rate(compute.price_per_hour)
    return f"would be {text}" if text and compute.rehearsal else text


def shown(compute: Compute, *notes: str, exit_code: int = 0) -> Result:
    """One compute, field by field."""
    spec = compute.spec
    fields = [
        ("Type", kind_of(spec)),
        ("Size", spec.size),
        ("State", compute.state),
        ("Reason", compute.error or compute.reason),
        ("Nodes", _nodes_in_words(compute)),
        ("Jobs", _jobs_in_words(compute)),
        ("Now", _rate(compute)),
        ("Description", spec.description),
        ("Tags", ", ".join(f"{key}={value}" for key, value in spec.tags.items())),
        ("Created", phrases.local_time(compute.created_at)),
    ]
    if isinstance(spec, AmlCompute):
        idle = phrases.duration(spec.idle_time_before_scale_down)
        fields[3:3] = [("Tier", spec.tier), ("Idle time", f"{idle} before scale down")]
    if compute.machine is not None:
        fields[3:3] = _found(compute.machine)
    if isinstance(spec, ComputeInstance):
        fields[3:3] = [("Idle time", _shutdown(spec))]
    return Result(
        value=compute,
        document=document(compute),
        parts=[Record(fields=fields, title=compute.name)],
        notes=notes,
        exit_code=exit_code,
    )


def _found(machine: AttachedMachine) -> list[tuple[str, str]]:
    """What an attached machine is, as it said itself."""
    parts = [phrases.plural(machine.cores, "core"), phrases.size(machine.memory_bytes)]
    free = f"{phrases.size(machine.disk_free_bytes)} of disk free"
    return [
        ("Machine", ", ".join([*parts, free, machine.system, f"Python {machine.python}"])),
        ("Address", machine.address),
        ("Warning", "; ".join(machine.warnings)),
    ]


def _shutdown(spec: ComputeInstance) -> str:
    minutes = spec.idle_time_before_shutdown_minutes
    return f"{minutes} min before shutdown" if minutes else "never shuts down"


def nodes(found: Sequence[Node], *, empty: str) -> Table:
    columns = [
        Column(title="Node", flexible=True),
        Column(title="State", state=True),
        Column(title="CPU", right=True),
        Column(title="Memory", right=True),
        Column(title="GPU", right=True),
        Column(title="Disk free", right=True),
        Column(title="Jobs", flexible=True),
        Column(title="Note", flexible=True),
    ]
    return Table(columns=columns, rows=[_node_row(node) for node in found], empty=empty)


def _node_row(node: Node) -> list[str]:
    sample = node.sample
    memory = phrases.size(node.memory_limit_bytes) if node.memory_limit_bytes else ""
    if sample:
        used = phrases.size(sample.memory_bytes)
        memory = f"{used} of {memory}" if memory else used
    return [
        node.name,
        node.state,
        f"{sample.cpu:.1f} of {len(node.cpus)}" if sample and node.cpus else "",
        memory,
        f"{sample.gpu:.0%}" if sample and sample.gpu is not None else "",
        phrases.size(sample.disk_free_bytes) if sample and sample.disk_free_bytes else "",
        ", ".join([*node.jobs, *(f"session {name}" for name in node.sessions)]),
        node.note,
    ]


def lost_with(compute: Compute) -> str:
    """What ends when `compute` does, as a sentence; empty if nothing."""
    parts = [
        f"{phrases.plural(count, 'job')} {what}"
        for count, what in ((compute.running_jobs, "running"), (compute.queued_jobs, "queued"))
        if count
    ]
    if not parts:
        return ""
    total = compute.running_jobs + compute.queued_jobs
    return f"Canceled with it: {' and '.join(parts)}." if total else ""
