"""Components as people read them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from jupyter_aml.grammar import phrases
from jupyter_aml.grammar.result import Column, Record, Result, Table
from jupyter_aml.model.component import (
    CommandComponent,
    Component,
    ComponentInput,
    ComponentOutput,
    ParallelComponent,
)
from jupyter_aml.model.pipeline_document import component_document


def table(found: Sequence[Component], *, empty: str = "No components.") -> Table:
    columns = [
        Column(title="Component", flexible=True),
        Column(title="Kind"),
        Column(title="Inputs", flexible=True),
        Column(title="Outputs", flexible=True),
        Column(title="Created", right=True),
        Column(title="Description", flexible=True),
    ]
    return Table(columns=columns, rows=[_row(one) for one in found], empty=empty)


def _row(one: Component) -> list[str]:
    return [
        f"{one.name}:{one.version}",
        _kind(one),
        ", ".join(one.spec.inputs),
        ", ".join(one.spec.outputs),
        phrases.local_time(one.created_at),
        one.spec.description,
    ]


def _kind(one: Component) -> str:
    return str(one.spec.__struct_config__.tag)


def shown(one: Component, *notes: str) -> Result:
    """One version, field by field."""
    spec = one.spec
    fields = [
        ("Kind", _kind(one)),
        ("Title", spec.display_name),
        ("Description", spec.description),
        *_what(one),
        ("Inputs", _ports(spec.inputs)),
        ("Outputs", _ports(spec.outputs)),
        ("Reused", "" if spec.is_deterministic else "never: it is not deterministic"),
        ("Tags", ", ".join(f"{key}={value}" for key, value in spec.tags.items())),
        ("Archived", "yes" if one.archived else ""),
        ("Created", phrases.local_time(one.created_at)),
    ]
    record = Record(fields=fields, title=f"{one.name}:{one.version}")
    return Result(value=one, document=component_document(one), parts=[record], notes=notes)


def _what(one: Component) -> list[tuple[str, str]]:
    spec = one.spec
    if isinstance(spec, CommandComponent):
        return [("Command", spec.command), ("Environment", spec.environment)]
    if isinstance(spec, ParallelComponent):
        return [("Script", spec.entry_script), ("Environment", spec.environment)]
    return [("Steps", ", ".join(spec.jobs))]


def _ports(ports: Mapping[str, ComponentInput] | Mapping[str, ComponentOutput]) -> str:
    return "\n".join(f"{name}: {_port(port)}" for name, port in ports.items())


def _port(port: ComponentInput | ComponentOutput) -> str:
    words = [str(port.type)]
    if isinstance(port, ComponentInput):
        words += ["optional"] * port.optional
        words += [f"{port.default!r} by default"] if port.default is not None else []
        words += [f"one of {', '.join(port.enum)}"] if port.enum else []
    return ", ".join(words)
