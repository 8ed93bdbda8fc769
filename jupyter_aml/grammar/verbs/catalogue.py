"""``compute sizes`` and ``compute usage``: what can be had, and what is in use."""

from __future__ import annotations

from jupyter_aml.grammar import options, phrases
from jupyter_aml.grammar.documents import document
from jupyter_aml.grammar.language import Call, Option, Verb
from jupyter_aml.grammar.result import Column, Result, Table
from jupyter_aml.model.compute import Usage, VmSize


def _sizes(call: Call) -> Result:
    page = call.client.compute.sizes(call["type"] or "", tier="dedicated")
    columns = [
        Column(title="Size"),
        Column(title="Cores", right=True),
        Column(title="Memory", right=True),
        Column(title="GPUs", right=True),
        Column(title="Dedicated", right=True),
        Column(title="Low priority", right=True),
        Column(title="Here", flexible=True),
    ]
    found = list(page.value)
    sizes = Table(columns=columns, rows=[_size_row(size) for size in found])
    notes = [page.note] if page.note else []
    return Result(value=page, document=document(found), parts=[sizes], notes=notes)


def _size_row(size: VmSize) -> list[str]:
    gpus = f"{phrases.number(size.gpus)} x {size.gpu_model}".removesuffix(" x ")
    here = size.reason
    if not size.available:
        reason = size.reason.removesuffix(".")
        here = f"not available: {reason}" + (f"; try {size.nearest}" if size.nearest else "")
    return [
        size.name,
        str(size.vcpus),
        f"{phrases.number(size.memory_gb)} GB",
        gpus if size.gpus else "",
        phrases.rate(size.price_per_hour),
        phrases.rate(size.low_priority_price_per_hour),
        here,
    ]


_FAMILY = "Cluster Dedicated vCPUs"
"""How the row of a family ends, in Azure's words."""


def _usage(call: Call) -> Result:
    found = list(call.client.compute.usage().value)
    columns = [
        Column(title="Name", flexible=True),
        Column(title="In use", right=True),
        Column(title="Limit", right=True),
        Column(title="Unit"),
        Column(title="Held by", flexible=True),
    ]
    # Of a family that nobody uses only the limit is news, and that is the same for all.
    told = [row for row in found if row.current_value or not row.name.endswith(_FAMILY)]
    usage = Table(columns=columns, rows=[_usage_row(row) for row in told])
    idle = len(found) - len(told)
    notes = [f"Families of which nothing is in use: {idle}."] if idle else []
    return Result(value=found, document=document(found), parts=[usage], notes=notes)


def _usage_row(usage: Usage) -> list[str]:
    held = "; ".join(usage.holders)
    return [usage.name, str(usage.current_value), str(usage.limit), usage.unit, held]


SIZES = Verb(
    name="sizes",
    summary="List the sizes, with approximate prices.",
    run=_sizes,
    options=(
        Option(
            flags=("--type", "-t"),
            kind=options.COMPUTE_TYPES,
            help="Only sizes for clusters, or for instances.",
        ),
    ),
    aliases=("list-sizes",),
)

USAGE = Verb(
    name="usage",
    summary="Cores in use against the quota, and who holds them.",
    run=_usage,
    aliases=("list-usage",),
)
