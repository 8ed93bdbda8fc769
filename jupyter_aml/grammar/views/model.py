"""Models as people read them."""

from __future__ import annotations

from collections.abc import Sequence

from jupyter_aml.grammar import phrases
from jupyter_aml.grammar.documents import document
from jupyter_aml.grammar.result import Column, Record, Result, Table
from jupyter_aml.model.registry import Lineage, Model

_MOST = 6
"""Lines of a long list that are shown before the rest is counted."""

_SAMPLE = 200
"""Characters of a sample that are shown."""


def table(models: Sequence[Model], *, empty: str = "No models.") -> Table:
    columns = [
        Column(title="Model", flexible=True),
        Column(title="Type"),
        Column(title="Stage"),
        Column(title="Size", right=True),
        Column(title="Made by", flexible=True),
        Column(title="Created", right=True),
        Column(title="Description", flexible=True),
    ]
    return Table(columns=columns, rows=[_row(one) for one in models], empty=empty)


def _row(one: Model) -> list[str]:
    return [
        f"{one.name}:{one.version}",
        kind(one),
        "" if one.stage == "None" else one.stage,
        phrases.size(one.bytes),
        one.lineage.job or one.lineage.mlflow_run or one.lineage.notebook.rpartition("/")[2],
        phrases.local_time(one.created_at),
        one.description,
    ]


def kind(one: Model) -> str:
    """What it is: ``sklearn``, ``mlflow (sklearn)``, or its type."""
    frameworks = [f for f in one.flavors if f not in ("python_object", "python_function")]
    names = ", ".join(frameworks)
    if one.type == "mlflow_model":
        return f"mlflow ({names})" if names else "mlflow"
    if "python_object" in one.flavors:
        return names or "python object"
    return one.type


def shown(one: Model, *notes: str) -> Result:
    """One version, field by field."""
    fields = [
        ("Type", kind(one)),
        ("Stage", "" if one.stage == "None" else one.stage),
        ("Description", one.description),
        ("Class", str(one.flavors.get("python_object", {}).get("class", ""))),
        *_came_from(one.lineage),
        ("Serves", "\n".join(one.deployments)),
        ("Requirements", _few(one.requirements)),
        ("Python", one.properties.get("python_version", "")),
        ("Interpreter", one.python),
        ("Sample", one.sample[:_SAMPLE] + " …" * (len(one.sample) > _SAMPLE)),
        ("Files", one.properties.get("files", "")),
        ("Size", f"{phrases.size(one.bytes)} in {phrases.plural(one.files, 'file')}"),
        ("Path", one.local_path),
        ("Tags", ", ".join(f"{key}={value}" for key, value in one.tags.items())),
        ("Archived", "yes" if one.archived else ""),
        ("Created", phrases.local_time(one.created_at)),
    ]
    title = f"{one.name}:{one.version}"
    return Result(
        value=one,
        document=document(one),
        parts=[Record(fields=fields, title=title)],
        notes=notes,
    )


def _came_from(lineage: Lineage) -> list[tuple[str, str]]:
    cell = f" (cell {lineage.cell_id})" if lineage.cell_id else ""
    return [
        ("Made by job", lineage.job),
        ("Notebook", f"{lineage.notebook}{cell}" if lineage.notebook else ""),
        ("Code", lineage.code),
        ("Environment", lineage.environment),
        ("Data", "\n".join(lineage.data)),
        ("MLflow run", lineage.mlflow_run),
    ]


def _few(lines: Sequence[str]) -> str:
    more = f"\nand {len(lines) - _MOST} more" if len(lines) > _MOST else ""
    return "\n".join(lines[:_MOST]) + more
