"""Data assets, datastores and files as people read them."""

from __future__ import annotations

from collections.abc import Sequence

from jupyter_aml.grammar import phrases
from jupyter_aml.grammar.documents import document
from jupyter_aml.grammar.parts import Column, Record, Table
from jupyter_aml.grammar.result import Result
from jupyter_aml.model.data import Data, Datastore, EntryList, Preview, Uploaded

_MOST = 6
"""Jobs that are named before the rest is counted."""


def table(assets: Sequence[Data], *, empty: str = "No data assets.") -> Table:
    columns = [
        Column(title="Data", flexible=True),
        Column(title="Type"),
        Column(title="Size", right=True),
        Column(title="Files", right=True),
        Column(title="Made by", flexible=True),
        Column(title="Created", right=True),
        Column(title="Description", flexible=True),
    ]
    return Table(columns=columns, rows=[_row(one) for one in assets], empty=empty)


def _row(one: Data) -> list[str]:
    return [
        f"{one.name}:{one.version}",
        one.type,
        phrases.size(one.bytes) if one.files else "",
        f"{one.files:,}" if one.files else "",
        one.created_by_job,
        phrases.local_time(one.created_at),
        one.description,
    ]


def shown(one: Data, *notes: str) -> Result:
    """One version, field by field."""
    count = phrases.plural(one.files, "file")
    fields = [
        ("Type", one.type),
        ("Description", one.description),
        ("Size", f"{phrases.size(one.bytes)} in {count}" if one.files else ""),
        ("Path", one.path),
        ("Here", one.local_path if one.local_path != one.path else ""),
        ("Made by job", one.created_by_job),
        ("Used by jobs", _few(one.used_by_jobs)),
        ("Models", _few(one.models)),
        ("Tags", _tags(one.tags)),
        ("Archived", "yes" if one.archived else ""),
        ("Created", phrases.local_time(one.created_at)),
    ]
    title = f"{one.name}:{one.version}"
    parts = [Record(fields=fields, title=title)]
    return Result(value=one, document=document(one), parts=parts, notes=notes)


def _few(names: Sequence[str]) -> str:
    more = f"\nand {len(names) - _MOST} more" if len(names) > _MOST else ""
    return "\n".join(names[:_MOST]) + more


def _tags(tags: dict[str, str]) -> str:
    return ", ".join(f"{key}={value}" for key, value in tags.items())


def datastores(found: Sequence[Datastore]) -> Table:
    columns = [
        Column(title="Datastore", flexible=True),
        Column(title="Type"),
        Column(title="Path", flexible=True),
        Column(title=""),
        Column(title="Description", flexible=True),
    ]
    rows = [[one.name, one.type, one.path, _remark(one), one.description] for one in found]
    return Table(columns=columns, rows=rows)


def _remark(one: Datastore) -> str:
    if not one.available:
        return "not there"
    return "default" if one.is_default else "read-only" if one.read_only else ""


def datastore(one: Datastore, *notes: str) -> Result:
    fields = [
        ("Type", one.type),
        ("Path", one.path),
        ("Description", one.description),
        ("Default", "yes" if one.is_default else ""),
        ("Read-only", "yes" if one.read_only else ""),
        ("Not there", one.reason),
        ("Tags", _tags(one.tags)),
        ("Created", phrases.local_time(one.created_at)),
    ]
    parts = [Record(fields=fields, title=one.name)]
    return Result(value=one, document=document(one), parts=parts, notes=notes)


def uploaded(made: Uploaded) -> Result:
    """What lies there now, and how a job names it."""
    there = made.files - made.copied
    count = phrases.plural(made.files, "file")
    fields = [
        ("Path", made.path),
        ("Size", f"{phrases.size(made.bytes)} in {count}"),
        ("There before", phrases.plural(there, "file") if there else ""),
    ]
    name = made.path.rpartition("/")[2]
    notes = [f"Jobs read it as {made.path}"]
    parts = [Record(fields=fields, title=name)]
    return Result(value=made, document=document(made), parts=parts, notes=notes)


def entries(found: EntryList) -> Result:
    columns = [
        Column(title="Path", flexible=True),
        Column(title="Size", right=True),
        Column(title="Changed", right=True),
    ]
    rows = [
        [
            f"{one.path}/" if one.folder else one.path,
            "" if one.folder else phrases.size(one.bytes),
            phrases.local_time(one.modified_at),
        ]
        for one in found.value
    ]
    notes = ["There is more than is listed."] if found.truncated else []
    parts = [Table(columns=columns, rows=rows, empty="Nothing lies here.")]
    return Result(value=found.value, document=document(found.value), parts=parts, notes=notes)


def preview(found: Preview) -> Result:
    notes = [found.note] if found.note else []
    parts: list[Table] = []
    if found.kind == "table":
        columns = [Column(title=name, flexible=True) for name in found.columns]
        parts = [Table(columns=columns, rows=found.rows, empty="It has no rows.")]
        if found.truncated:
            notes.append(f"The first {phrases.plural(len(found.rows), 'row')}; there are more.")
    elif found.kind == "text":
        notes.insert(0, found.text)
        if found.truncated:
            notes.append("The beginning; there is more.")
    elif not found.note:
        what = found.mime_type or "neither text nor a table"
        notes.append(f"It is {what}, {phrases.size(found.bytes)}: download it to see it.")
    return Result(value=found, document=document(found), parts=parts, notes=notes)
