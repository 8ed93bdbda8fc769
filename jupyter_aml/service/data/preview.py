"""The beginning of a file, as something to look at. Everything here blocks."""

from __future__ import annotations

import csv
import io
import itertools
import json
import mimetypes
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, cast

import msgspec

from jupyter_aml.model.data import Preview
from jupyter_aml.service.data import mltable, parquet

ROWS, COLUMNS, CELL = 100, 100, 200
"""The most that is shown: rows, columns, characters of a cell."""

_BYTES = 1 << 20
_TEXT = 1 << 16
_DELIMITED = {".csv": "", ".tsv": "\t", ".tab": "\t"}
_LINES = (".jsonl", ".ndjson")


def preview(path: Path) -> Preview:
    """Of a file; of a folder with an MLTable file, the table."""
    if path.is_dir():
        if (path / mltable.FILE).is_file():
            return _table(mltable.read(path))
        return Preview(kind="binary", note="A folder: preview one of its files.")
    suffix = path.suffix.lower()
    size = path.stat().st_size
    if suffix in (".parquet", ".pq"):
        found = _of_parquet([path])
    elif suffix in _DELIMITED:
        found = _of_delimited([path], _DELIMITED[suffix], has_header=True)
    elif suffix in _LINES:
        found = _of_json_lines([path])
    else:
        found = _of_anything(path, size)
    return msgspec.structs.replace(found, bytes=size, mime_type=_mime(path))


def _mime(path: Path) -> str:
    return mimetypes.guess_type(path.name)[0] or ""


def _of_anything(path: Path, size: int) -> Preview:
    if _mime(path).startswith("image/"):
        return Preview(kind="image")
    with path.open("rb") as stream:
        head = stream.read(_TEXT)
    text = _as_text(head, cut=size > len(head))
    if text is None:
        return Preview(kind="binary")
    return Preview(kind="text", text=text, truncated=size > len(head))


def _as_text(head: bytes, *, cut: bool) -> str | None:
    """`head` as text; None where it is none. A character that was cut in two is left out."""
    if b"\0" in head:
        return None
    for missing in range(4 if cut else 1):
        try:
            return head[: len(head) - missing].decode("utf-8-sig")
        except UnicodeDecodeError:
            continue
    return None


# -- tables ---------------------------------------------------------------------------------


def _table(table: mltable.Table) -> Preview:
    files = list(itertools.islice(table.files(), ROWS))
    if table.reader == "read_parquet":
        found = _of_parquet(files)
    elif table.reader == "read_json_lines":
        found = _of_json_lines(files)
    elif table.reader == "read_delimited":
        found = _of_delimited(files, table.delimiter, has_header=table.has_header)
    else:
        rows = [[_relative(table.folder, path)] for path in files]
        found = Preview(kind="table", columns=["Path"], rows=rows)
    for step, told in table.steps:
        found = _step(found, step, told)
    notes = [found.note] if found.note else []
    if table.left_out:
        notes.append(f"Not honoured in this preview: {', '.join(table.left_out)}.")
    return msgspec.structs.replace(found, note=" ".join(notes))


def _relative(folder: Path, path: Path) -> str:
    return path.relative_to(folder.resolve()).as_posix()


def _step(found: Preview, step: str, told: Any) -> Preview:
    if step in ("take", "skip"):
        told = cast("Mapping[str, Any]", told).get("count") if isinstance(told, dict) else told
        count = told if isinstance(told, int) else 0
        taken = found.rows[:count] if step == "take" else found.rows[count:]
        return msgspec.structs.replace(found, rows=taken)
    names = {str(name) for name in _listed(told)}
    keep = [i for i, n in enumerate(found.columns) if (n in names) == (step == "keep_columns")]
    return msgspec.structs.replace(
        found,
        columns=[found.columns[i] for i in keep],
        rows=[[row[i] for i in keep] for row in found.rows],
    )


def _listed(told: Any) -> Sequence[object]:
    if isinstance(told, dict):
        told = cast("Mapping[str, Any]", told).get("columns")
    if isinstance(told, list):
        return cast("list[object]", told)
    return [] if told is None else [told]


def _of_delimited(files: Sequence[Path], delimiter: str, *, has_header: bool) -> Preview:
    columns: list[str] = []
    rows: list[list[str]] = []
    truncated = False
    for path in files:
        text, cut = _head(path)
        if text is None:
            return Preview(kind="binary", note="Its text is not UTF-8.")
        lines = iter(csv.reader(io.StringIO(text), delimiter=delimiter or _delimiter(text)))
        try:
            head = next(lines, columns) if has_header else columns
            columns = columns or head
            rows += itertools.islice(lines, ROWS + 1 - len(rows))
        except csv.Error as error:
            return Preview(kind="text", text=text[:_TEXT], note=f"No table: {error}.")
        truncated = truncated or cut
        if len(rows) > ROWS:
            break
    if not columns:
        columns = [f"Column{i + 1}" for i in range(max(map(len, rows), default=0))]
    return _shown(columns, rows, truncated=truncated)


def _delimiter(text: str) -> str:
    """Of a .csv file: the sign that its first line has most of."""
    first = text.partition("\n")[0]
    return max(",;\t|", key=first.count)


def _head(path: Path) -> tuple[str | None, bool]:
    """The beginning of a file as whole lines, and whether there is more."""
    with path.open("rb") as stream:
        head = stream.read(_BYTES)
        cut = bool(stream.read(1))
    if cut:
        head = head[: head.rfind(b"\n") + 1] or head
    return _as_text(head, cut=cut), cut


def _of_json_lines(files: Sequence[Path]) -> Preview:
    found: list[Mapping[str, Any]] = []
    truncated = False
    for path in files:
        text, cut = _head(path)
        truncated = truncated or cut
        try:
            found += itertools.islice(_objects(text or ""), ROWS + 1 - len(found))
        except ValueError:
            return Preview(kind="text", text=(text or "")[:_TEXT], note="No JSON lines.")
    columns = list(dict.fromkeys(str(key) for one in found for key in one))
    rows = [[_cell(one.get(name)) for name in columns] for one in found]
    return _shown(columns, rows, truncated=truncated)


def _objects(text: str) -> Iterator[Mapping[str, Any]]:
    for line in text.splitlines():
        if line.strip():
            value: object = json.loads(line)
            if not isinstance(value, dict):
                raise ValueError(line)
            yield cast("Mapping[str, Any]", value)


def _of_parquet(files: Sequence[Path]) -> Preview:
    head = parquet.head(files, ROWS + 1)
    if isinstance(head, str):
        return Preview(kind="binary", note=head)
    return _shown(head.columns, head.rows, truncated=head.truncated)


def _cell(value: object) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _shown(columns: Sequence[str], rows: Iterable[Sequence[str]], *, truncated: bool) -> Preview:
    """Rows as long as the header, within what is shown."""
    every = list(rows)
    width = min(len(columns), COLUMNS)
    note = f"{len(columns) - COLUMNS} more columns are not shown." if len(columns) > width else ""
    padded = [[*row, *[""] * (width - len(row))][:width] for row in every[:ROWS]]
    return Preview(
        kind="table",
        columns=[name[:CELL] for name in columns[:width]],
        rows=[[cell[:CELL] for cell in row] for row in padded],
        note=note,
        truncated=truncated or len(every) > ROWS,
    )
