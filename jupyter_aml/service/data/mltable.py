"""MLTable: a folder whose file ``MLTable`` says which files make the table, and how they are read.

Honoured: ``paths`` (file, folder, pattern), ``read_delimited``, ``read_parquet``,
``read_json_lines``, ``take``, ``skip``, ``keep_columns`` and ``drop_columns``. Other
transformations are left to the mltable package in a job, and named by `Table.left_out`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import yaml

from jupyter_aml.model.errors import Invalid
from jupyter_aml.model.references import OnMachine, parse
from jupyter_aml.service.data.inside import inside

FILE = "MLTable"
_READERS = ("read_delimited", "read_parquet", "read_json_lines")
_STEPS = ("take", "skip", "keep_columns", "drop_columns")
_LARGEST = 1_000_000
_DELIMITERS = {"comma": ",", "tab": "\t", "space": " ", "pipe": "|", "\\t": "\t"}


@dataclass(frozen=True)
class Table:
    """An MLTable file as it was read. ``reader`` is "" where it says none."""

    folder: Path
    paths: list[tuple[str, str]]
    """("file" | "folder" | "pattern", relative path)."""
    reader: str
    options: Mapping[str, Any]
    steps: list[tuple[str, Any]]
    left_out: list[str]
    """Transformations that are not honoured here."""

    @property
    def delimiter(self) -> str:
        told = str(self.options.get("delimiter") or ",")
        return _DELIMITERS.get(told, told)[:1]

    @property
    def has_header(self) -> bool:
        return self.options.get("header", "all_files_same_headers") != "no_header"

    def files(self) -> Iterator[Path]:
        """The files that it selects, in order. Raises `Invalid` for one outside of its folder."""
        for kind, path in self.paths:
            if kind == "pattern":
                found = sorted(self.folder.glob(path))
                yield from (inside(self.folder, _relative(self.folder, one)) for one in found)
            elif kind == "folder":
                whole = inside(self.folder, path)
                yield from sorted(one for one in whole.rglob("*") if one.is_file())
            else:
                yield inside(self.folder, path)


def read(folder: Path) -> Table:
    """The table of `folder`. Raises `Invalid` where its MLTable file means nothing."""
    data = _parsed(folder / FILE)
    entries: object = data.get("paths")
    if not isinstance(entries, list) or not entries:
        raise _wrong(folder, "has no paths")
    paths = [_path(folder, entry) for entry in cast("list[object]", entries)]
    reader, options, steps, left_out = "", dict[str, Any](), list[tuple[str, Any]](), list[str]()
    for step, told in _transformations(folder, data):
        if step in _READERS and not reader:
            reader, options = step, _mapping(told)
        elif step in _STEPS:
            steps.append((step, told))
        else:
            left_out.append(step)
    return Table(folder, paths, reader, options, steps, left_out)


def check(folder: Path) -> None:
    """Raise `Invalid` unless every path of its MLTable file is there."""
    table = read(folder)
    if not any(True for _ in table.files()):
        raise _wrong(folder, "selects no file")
    for path in table.files():
        if not path.is_file():
            raise _wrong(
                folder, f"names {_relative(table.folder.resolve(), path)}, which is not there"
            )


def _parsed(file: Path) -> Mapping[str, Any]:
    try:
        if file.stat().st_size > _LARGEST:
            raise _wrong(file.parent, "is larger than 1 MB")
        found: object = yaml.safe_load(file.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError, RecursionError) as error:
        raise _wrong(file.parent, f"cannot be read: {str(error)[:200]}") from None
    if not isinstance(found, dict):
        raise _wrong(file.parent, "holds no fields")
    return cast("Mapping[str, Any]", found)


def _path(folder: Path, entry: object) -> tuple[str, str]:
    fields = _mapping(entry)
    for kind in ("file", "folder", "pattern"):
        if kind in fields:
            told = parse(str(fields[kind]))
            if not isinstance(told, OnMachine) or told.path.startswith("/"):
                raise _wrong(folder, f"names {fields[kind]}, which is not in its folder")
            return kind, told.path.removeprefix("./")
    raise _wrong(folder, "has a path that is neither file, folder nor pattern")


def _transformations(folder: Path, data: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    steps: object = data.get("transformations") or []
    if not isinstance(steps, list):
        raise _wrong(folder, "has transformations that are no list")
    for step in cast("list[object]", steps):
        if isinstance(step, str):
            yield step, {}
        else:
            yield from _mapping(step).items()


def _mapping(value: object) -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", value) if isinstance(value, dict) else {}


def _relative(folder: Path, path: Path) -> str:
    return path.relative_to(folder).as_posix()


def _wrong(folder: Path, what: str) -> Invalid:
    return Invalid(
        f"The {FILE} file of {folder.name} {what}.",
        target=FILE,
        hint="It says  paths: [{file: ./a.csv}]  with paths relative to it, and transformations.",
    )
