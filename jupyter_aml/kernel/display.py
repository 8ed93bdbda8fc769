"""How things of the model look in a notebook: text everywhere, HTML where there is any.

The HTML is static and needs no script, so that it reads the same in VS Code, nbviewer and an
exported page. Everything in it is escaped; states are words with a shape, never a colour alone.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from html import escape
from typing import Any

import msgspec

from jupyter_aml.grammar.result import Column, Record, Result, Table
from jupyter_aml.kernel.status import is_known, look


def result_of(value: Any) -> Result:
    """`value`, a struct of the model (or a result), as tables and records."""
    if isinstance(value, Result):
        return value
    view = _VIEWS.get(type(value).__name__)
    if view is not None:
        return view(value)
    rows = getattr(value, "value", None)
    if isinstance(rows, list):
        note = getattr(value, "note", "")
        return Result(parts=[_table(rows)], notes=[note] if note else [])
    return Result(parts=[_record(value)])


def text(value: Any) -> str:
    return str(result_of(value))


def html(value: Any) -> str:
    result = result_of(value)
    parts = [_part(part) for part in result.parts]
    parts += [f'<div style="white-space:pre-wrap">{escape(note)}</div>' for note in result.notes]
    return f'<div style="{_BOX}">{"".join(parts)}</div>'


def quiet(line: str) -> str:
    """A line beside a result, as HTML."""
    return f'<div style="{_QUIET};white-space:pre-wrap">{escape(line)}</div>'


# -- structs as tables and records ----------------------------------------------------------


def _computes(value: Any) -> Result:
    from jupyter_aml.grammar.views import compute as view

    return Result(parts=[view.table(value.value)])


def _compute(value: Any) -> Result:
    from jupyter_aml.grammar.views import compute as view

    return view.shown(value)


def _nodes(value: Any) -> Result:
    from jupyter_aml.grammar.views import compute as view

    return Result(parts=[view.nodes(value.nodes, empty="No nodes.")])


def _jobs(value: Any) -> Result:
    from jupyter_aml.grammar.views import job as view

    return Result(parts=[view.table(value.value, time.time(), empty="No jobs.")])


def _job(value: Any) -> Result:
    from jupyter_aml.grammar.views import job as view

    return view.shown(value, time.time())


def _sessions(value: Any) -> Result:
    from jupyter_aml.grammar.views import job as view

    return Result(parts=[view.sessions(value.value, time.time(), empty="No sessions.")])


def _environments(value: Any) -> Result:
    from jupyter_aml.grammar.views import environment as view

    return Result(parts=[view.table(value.value)])


def _environment(value: Any) -> Result:
    from jupyter_aml.grammar.views import environment as view

    return view.shown(value)


def _difference(value: Any) -> Result:
    from jupyter_aml.grammar.views import environment as view

    return view.difference(value, used=None)


def _data_list(value: Any) -> Result:
    from jupyter_aml.grammar.views import data as view

    return Result(parts=[view.table(value.value)])


def _data(value: Any) -> Result:
    from jupyter_aml.grammar.views import data as view

    return view.shown(value)


def _datastores(value: Any) -> Result:
    from jupyter_aml.grammar.views import data as view

    return Result(parts=[view.datastores(value.value)])


def _datastore(value: Any) -> Result:
    from jupyter_aml.grammar.views import data as view

    return view.datastore(value)


def _entries(value: Any) -> Result:
    from jupyter_aml.grammar.views import data as view

    return view.entries(value)


def _preview(value: Any) -> Result:
    from jupyter_aml.grammar.views import data as view

    return view.preview(value)


def _batch_endpoints(value: Any) -> Result:
    from jupyter_aml.grammar.views import batch as view

    return Result(parts=[view.table(value.value, empty="No batch endpoints.")])


def _batch_endpoint(value: Any) -> Result:
    from jupyter_aml.grammar.views import batch as view

    return view.shown(value)


def _batch_deployments(value: Any) -> Result:
    from jupyter_aml.grammar.views import batch as view

    return Result(parts=[view.deployments(value.value, empty="No batch deployments.")])


def _batch_deployment(value: Any) -> Result:
    from jupyter_aml.grammar.views import batch as view

    return view.deployment(value)


def _models(value: Any) -> Result:
    from jupyter_aml.grammar.views import model as view

    return Result(parts=[view.table(value.value)])


def _model(value: Any) -> Result:
    from jupyter_aml.grammar.views import model as view

    return view.shown(value)


def _metrics(value: Any) -> Result:
    from jupyter_aml.grammar.views import metrics as view

    return view.shown(value)


_VIEWS: dict[str, Callable[[Any], Result]] = {
    "Compute": _compute,
    "ComputeList": _computes,
    "NodeList": _nodes,
    "BatchDeployment": _batch_deployment,
    "BatchDeploymentList": _batch_deployments,
    "BatchEndpoint": _batch_endpoint,
    "BatchEndpointList": _batch_endpoints,
    "Data": _data,
    "DataList": _data_list,
    "Datastore": _datastore,
    "DatastoreList": _datastores,
    "EntryList": _entries,
    "Preview": _preview,
    "Environment": _environment,
    "EnvironmentList": _environments,
    "EnvironmentDiff": _difference,
    "Job": _job,
    "JobPage": _jobs,
    "JobMetrics": _metrics,
    "Model": _model,
    "ModelList": _models,
    "SessionList": _sessions,
}


def _table(rows: Sequence[msgspec.Struct]) -> Table:
    """Rows of one kind, a column for each plain field that any of them has."""
    if not rows:
        return Table(columns=[], rows=[], empty="None.")
    names = [
        name
        for name in rows[0].__struct_fields__
        if any(_plain(getattr(row, name)) for row in rows)
    ]
    numeric = {n for n in names if isinstance(getattr(rows[0], n), (int, float))}
    return Table(
        columns=[Column(title=_title(name), right=name in numeric) for name in names],
        rows=[[_plain(getattr(row, name)) for name in names] for row in rows],
    )


def _record(value: msgspec.Struct) -> Record:
    names = value.__struct_fields__
    return Record(fields=[(_title(name), _plain(getattr(value, name))) for name in names])


def _plain(value: object) -> str:
    """A field in words; "" for what says nothing."""
    if value is None or value is False or value in ("", [], {}):
        return ""
    if value is True:
        return "yes"
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, dict):
        return ", ".join(f"{key}={part}" for key, part in value.items())
    if isinstance(value, (list, tuple)):
        return ", ".join(map(str, value))
    return str(value)


def _title(name: str) -> str:
    return name.replace("_", " ").capitalize()


# -- tables and records as HTML -------------------------------------------------------------

_BOX = (
    "font-family:var(--jp-ui-font-family, system-ui, sans-serif);"
    "font-size:var(--jp-ui-font-size1, 13px)"
)
_LINE = "border-bottom:1px solid var(--jp-border-color2, #e0e0e0)"
_CELL = f"padding:3px 12px 3px 0;vertical-align:top;{_LINE}"
_VALUE = "text-align:left;white-space:pre-wrap;overflow-wrap:anywhere"
_QUIET = "color:var(--jp-ui-font-color2, #616161)"


def _part(part: Table | Record) -> str:
    return _html_table(part) if isinstance(part, Table) else _html_record(part)


def _html_table(table: Table) -> str:
    title = f"<b>{escape(table.title)}</b>" if table.title else ""
    if not table.rows:
        return f'{title}<div style="{_QUIET}">{escape(table.empty)}</div>'
    # A column in which no row has anything is left out.
    shown = [i for i, _ in enumerate(table.columns) if any(row[i] for row in table.rows)]
    head = "".join(_head(table.columns[i]) for i in shown)
    rows = "".join(
        f"<tr>{''.join(_cell(row[i], table.columns[i]) for i in shown)}</tr>" for row in table.rows
    )
    return (
        f'{title}<table style="border-collapse:collapse"><thead><tr>{head}</tr></thead>'
        f"<tbody>{rows}</tbody></table>"
    )


def _head(column: Column) -> str:
    return f'<th scope="col" style="{_CELL};{_side(column)}">{escape(column.title)}</th>'


def _cell(text: str, column: Column) -> str:
    shown = _state(text) if column.state else escape(text)
    # "644 ms" in two lines reads as two things; only what may be cut elsewhere is broken here.
    whole = "" if column.flexible else ";white-space:nowrap"
    return f'<td style="{_CELL};{_side(column)}{whole}">{shown}</td>'


def _side(column: Column) -> str:
    if column.right:
        return "text-align:right;font-variant-numeric:tabular-nums"
    return "text-align:left"


def _state(text: str) -> str:
    """A state as a shape and its word; what follows the word (``Running 35%``) stays."""
    status, _, rest = text.partition(" ")
    if not is_known(status):
        return escape(text)
    state = look(status)
    shape = f'<span aria-hidden="true" style="color:{state.colour}">{state.shape}</span>'
    return f"{shape} {escape(f'{state.word} {rest}'.rstrip())}"


def _html_record(record: Record) -> str:
    title = f"<b>{escape(record.title)}</b>" if record.title else ""
    rows = "".join(
        f'<tr><th scope="row" style="{_CELL};text-align:left;{_QUIET};font-weight:400">'
        f'{escape(name)}</th><td style="{_CELL};{_VALUE}">'
        f"{_state(value) if name in ('State', 'Status') else escape(value)}</td></tr>"
        for name, value in record.fields
        if value
    )
    return f'{title}<table style="border-collapse:collapse"><tbody>{rows}</tbody></table>'
