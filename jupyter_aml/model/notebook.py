"""Notebook files as jobs need them: read, checked, given parameters. Pure; nbformat 4 JSON.

The parameters are papermill's: a cell tagged ``parameters`` holds the defaults, and the values of
this run are assigned in a cell after it, tagged ``injected-parameters``.
"""

from __future__ import annotations

import ast
import json
import keyword
import uuid
from collections.abc import Mapping
from pathlib import PurePosixPath, PureWindowsPath
from typing import Any, cast

from jupyter_aml.model.errors import Invalid

DEFAULTS, INJECTED = "parameters", "injected-parameters"
"""Tags of the cell that holds the defaults, and of the one that holds this run's values."""

OUTPUT = "notebook"
"""The name of the output that is the executed copy."""

Document = dict[str, Any]


def read(text: str, target: str = "notebook") -> Document:
    """The notebook that `text` holds. Raise `Invalid` if it is none, or cannot run as a job."""
    try:
        found: Any = json.loads(text)
    except ValueError as error:
        raise Invalid(f"This is no notebook: {error}.", target=target) from None
    if not isinstance(found, dict):
        raise Invalid("This is no notebook: it holds no object.", target=target)
    document = cast("Document", found)
    if document.get("nbformat") != 4 or not isinstance(document.get("cells"), list):
        raise Invalid(
            f"This notebook has format {document.get('nbformat', 'unknown')}, not 4.",
            target=target,
            hint="Open it in JupyterLab and save it: that brings it to today's format.",
        )
    if not all(isinstance(cell, dict) for cell in document["cells"]):
        raise Invalid("This is no notebook: one of its cells is no object.", target=target)
    _check_language(document, target)
    return document


def source(cell: Mapping[str, Any]) -> str:
    """A cell's text."""
    return joined(cell.get("source", ""))


def joined(text: Any) -> str:
    """A text of a notebook file, which holds it as one or as its lines."""
    return "".join(map(str, cast("list[Any]", text))) if isinstance(text, list) else str(text)


def mapping(value: Any) -> Document:
    """`value`; an empty object in the place of anything that is none."""
    return cast("Document", value) if isinstance(value, dict) else {}


def tags(cell: Mapping[str, Any]) -> list[str]:
    held = mapping(cell.get("metadata")).get("tags")
    return [str(tag) for tag in cast("list[Any]", held)] if isinstance(held, list) else []


def code_cells(document: Document) -> list[Document]:
    """The cells that hold code, in order."""
    return [cell for cell in document["cells"] if cell.get("cell_type") == "code"]


def without_outputs(document: Document) -> Document:
    """A copy whose code cells have no outputs: a run makes them anew, so they need not travel."""
    emptied: Document = {"outputs": [], "execution_count": None}
    return {
        **document,
        "cells": [
            {**cell, **emptied} if cell.get("cell_type") == "code" else cell
            for cell in document["cells"]
        ],
    }


def with_parameters(document: Document, parameters: Mapping[str, Any]) -> Document:
    """A copy in which `parameters` are assigned: in the place of an earlier injected cell, else
    after the cell with the defaults, else on top."""
    if not parameters:
        return document
    cells = list(document["cells"])
    mine = _injected(parameters, has_ids=any("id" in cell for cell in cells))
    tagged = {tag: index for index, cell in reversed(list(enumerate(cells))) for tag in tags(cell)}
    if INJECTED in tagged:
        cells[tagged[INJECTED]] = mine
    else:
        cells.insert(tagged[DEFAULTS] + 1 if DEFAULTS in tagged else 0, mine)
    return {**document, "cells": cells}


def check_parameters(document: Document, parameters: Mapping[str, Any]) -> list[str]:
    """What to warn of. Raise `Invalid` for a name that no variable can have."""
    for name in parameters:
        if not name.isidentifier() or keyword.iskeyword(name):
            raise Invalid(f"{name!r} cannot be the name of a parameter.", target="parameters")
    if not parameters:
        return []
    defaults = next((cell for cell in code_cells(document) if DEFAULTS in tags(cell)), None)
    if defaults is None:
        return ["No cell is tagged `parameters`: the values are set before the first cell."]
    known = _assigned(source(defaults))
    unknown = [name for name in parameters if known is not None and name not in known]
    return [f"{name} is not set in the cell tagged `parameters`." for name in unknown]


def file_name(path: str) -> str:
    """The name of the executed copy: that of the notebook, whichever machine's path it was."""
    name = PureWindowsPath(PurePosixPath(path).name).name
    stem = name.removesuffix(".ipynb").replace("\0", "").strip(". ")
    return f"{stem or 'notebook'}.ipynb"


def _check_language(document: Document, target: str) -> None:
    metadata = mapping(document.get("metadata"))
    told = mapping(metadata.get("kernelspec")).get("language")
    language = str(told or mapping(metadata.get("language_info")).get("name") or "")
    if language and language.lower() not in ("python", "ipython"):
        raise Invalid(
            f"The notebook is written in {language}; only Python notebooks run as a job.",
            target=target,
            hint="Run its command line as a command job: `%aml job create -f job.yml`.",
        )


def _injected(parameters: Mapping[str, Any], *, has_ids: bool) -> Document:
    lines = [f"{name} = {value!r}" for name, value in parameters.items()]
    cell: Document = {
        "cell_type": "code",
        "execution_count": None,
        "metadata": {"tags": [INJECTED]},
        "outputs": [],
        "source": "\n".join(["# Parameters", *lines]),
    }
    return {**cell, "id": uuid.uuid4().hex[:8]} if has_ids else cell


def _assigned(text: str) -> set[str] | None:
    """Names that the cell sets; None if it is not plain Python, so that nobody can tell."""
    try:
        tree = ast.parse(text)
    except SyntaxError:
        return None
    return {
        node.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }
