"""``notebook fill``: the outputs of finished cell jobs, written into the saved notebook.

For a notebook that no page has open: it was closed while its cells ran, and what they showed is
with the service. Nothing newer is ever written over: a cell whose text was changed since, or whose
outputs are not the beginning of what its job showed, is left as it is, and told.
"""

from __future__ import annotations

import json
import os
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from jupyter_aml.client.celloutputs import CellOutputs, Output, job_of, named
from jupyter_aml.model import notebook
from jupyter_aml.model.errors import Conflict, Invalid, NotFound
from jupyter_aml.model.job import CellJob, Job
from jupyter_aml.model.lifecycle import JOB
from jupyter_aml.model.notebook_fill import Filled, FilledCell, FilledNotebook

if TYPE_CHECKING:
    from jupyter_aml.client.client import Client

_TRIES = 5
"""How often the file may be saved by somebody else while it is being filled."""


def fill(client: Client, path: str) -> FilledNotebook:
    """Fill the notebook file `path`; return what became of each cell that has run as a job.

    The file is there as a whole or as it was. Raise `Conflict` if others keep saving it.
    """
    file = Path(path).expanduser().absolute()
    for _ in range(_TRIES):
        before = _read(file)
        document = notebook.read(before.decode("utf-8-sig"), str(file))
        cells = _Cells(client, str(file)).fill(document)
        if not any(cell.what == "filled" for cell in cells):
            return FilledNotebook(path=str(file), cells=cells)
        if _replace(file, before, document):
            return FilledNotebook(path=str(file), cells=cells)
    raise Conflict(
        "The notebook is being saved again and again.",
        target=str(file),
        hint="Close it, then type the command again. Nothing was changed.",
    )


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except FileNotFoundError:
        raise NotFound(f"There is no notebook {str(file)!r}.", target=str(file)) from None
    except OSError as error:
        raise Invalid(f"It cannot be read: {error.strerror}.", target=str(file)) from error


def _replace(file: Path, before: bytes, document: notebook.Document) -> bool:
    """Whether the file still was as `before`, and now is `document`."""
    text = json.dumps(document, indent=1, ensure_ascii=False) + "\n"
    unfinished = file.with_name(f".{file.name}.{os.getpid()}.part")
    try:
        unfinished.write_text(text, encoding="utf-8", newline="\n")
        unfinished.chmod(file.stat().st_mode & 0o777)
        if _read(file) != before:
            return False
        unfinished.replace(file)
        return True
    except OSError as error:
        raise Invalid(
            f"The notebook cannot be written: {error.strerror}.", target=str(file)
        ) from error
    finally:
        unfinished.unlink(missing_ok=True)


class _Cells:
    def __init__(self, client: Client, path: str) -> None:
        self._client = client
        self._path = path

    def fill(self, document: notebook.Document) -> list[FilledCell]:
        """Fill the cells of `document` in place."""
        found: list[FilledCell] = []
        for number, cell in enumerate(notebook.code_cells(document), 1):
            runs = self._runs(cell)
            if runs:
                what = self._fill(cell, runs[-1], {job.name for job in runs})
                found.append(FilledCell(number=number, job=runs[-1].name, what=what))
        return found

    def _runs(self, cell: notebook.Document) -> list[Job]:
        """The cell's runs that are known, the newest last: those its outputs name, or a later."""
        names = {job_of(output) for output in _outputs(cell)}
        cell_id = cell.get("id")
        if isinstance(cell_id, str):
            try:
                names.add(self._client.cells.get(self._path, cell_id).job)
            except NotFound:
                pass
        jobs = [job for name in names - {""} if (job := self._job(name)) is not None]
        return sorted(jobs, key=lambda job: job.created_at)

    def _job(self, name: str) -> Job | None:
        """None for a job of another service, or one that was pruned."""
        try:
            job = self._client.jobs.get(name)
        except NotFound:
            return None
        return job if isinstance(job.spec, CellJob) else None

    def _fill(self, cell: notebook.Document, job: Job, own: set[str]) -> Filled:
        assert isinstance(job.spec, CellJob)
        if job.status not in JOB.final:
            return "still running"
        if _code(notebook.source(cell)) != _code(job.spec.source):
            return "changed since"
        events = self._client.jobs.follow(job.name, wait=False)
        count = job.spec.execution_count or None
        made = CellOutputs(count).apply(events)
        present = _outputs(cell)
        if not _continues(present, made, own):
            return "has other output"
        made = _with_name(made, job, had_strip=any(_is_strip(output) for output in present))
        if _same(present, made):
            return "was whole"
        cell["outputs"] = made
        cell["execution_count"] = count
        return "filled"


def _outputs(cell: notebook.Document) -> list[Output]:
    held: Any = cell.get("outputs")
    return [notebook.mapping(item) for item in cast("list[Any]", held or [])]


def _code(text: str) -> str:
    """A cell's text without its first line: the magic in the notebook, a comment in the job."""
    lines = text.rstrip().split("\n")
    is_magic = lines[0].startswith(("%%aml", "# %%aml"))
    return "\n".join(lines[1:] if is_magic else lines)


def _continues(present: list[Output], made: list[Output], own: set[str]) -> bool:
    """Whether what is in the file is of the cell's own runs: it says so, or begins as they do."""
    if told := {job_of(output) for output in present} - {""}:
        return told <= own
    return all(output.get("output_type") == "stream" for output in present) and all(
        _text(made, name).startswith(_text(present, name)) for name in ("stdout", "stderr")
    )


def _text(outputs: list[Output], name: str) -> str:
    return "".join(
        notebook.joined(output.get("text", "")) for output in outputs if output.get("name") == name
    )


def _same(present: list[Output], made: list[Output]) -> bool:
    """Files hold a text as one or as its lines; the strip's words may differ."""

    def plain(outputs: list[Output]) -> str:
        shown = [o for o in outputs if not _is_strip(o)]
        return json.dumps([_flat(output) for output in shown], sort_keys=True)

    return plain(present) == plain(made) and [_is_strip(o) for o in present] == [
        _is_strip(o) for o in made
    ]


def _flat(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _flat(item) for key, item in notebook.mapping(value).items()}
    items = cast("list[Any]", value) if isinstance(value, list) else []
    if items and all(isinstance(item, str) for item in items):
        return "".join(items)
    return [_flat(item) for item in items] if isinstance(value, list) else value


# -- the strip --------------------------------------------------------------------------------


def _is_strip(output: Output) -> bool:
    html = notebook.joined(notebook.mapping(output.get("data")).get("text/html", ""))
    return bool(job_of(output)) and "aml-strip" in html


def _with_name(made: list[Output], job: Job, *, had_strip: bool) -> list[Output]:
    """`made` with the job's name: in the first output that can carry it, or in a strip on top."""
    rich = next((i for i, o in enumerate(made) if "data" in o), None)
    if rich is not None and not had_strip:
        return [*made[:rich], named(made[rich], job.name), *made[rich + 1 :]]
    return [_strip(job), *made]


def _strip(job: Job) -> Output:
    words = f"{job.status} on {job.spec.compute}"
    cause = job.error.message.partition("\n")[0] if job.error else ""
    line = f"{words}: {cause}" if cause else words
    html = f'<div class="aml-strip" role="status">{escape(line)} ({escape(job.name)})</div>'
    data = {"text/plain": f"{line} ({job.name})", "text/html": html}
    return named({"output_type": "display_data", "data": data, "metadata": {}}, job.name)
