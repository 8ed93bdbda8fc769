"""Notebook files: what is refused, where parameters go, what travels. Pure."""

from __future__ import annotations

import json
from typing import Any

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from jupyter_aml.model import notebook
from jupyter_aml.model.errors import Invalid


def tagged(source: str, *tags: str) -> Any:
    return new_code_cell(source, metadata={"tags": list(tags)} if tags else {})


def document(*cells: Any, **metadata: Any) -> notebook.Document:
    return notebook.read(nbformat.writes(new_notebook(cells=list(cells), metadata=metadata)))


def sources(found: notebook.Document) -> list[str]:
    return [notebook.source(cell) for cell in found["cells"]]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{", "This is no notebook"),
        ("[]", "holds no object"),
        ("{}", "has format unknown, not 4"),
        ('{"nbformat": 3, "worksheets": []}', "has format 3, not 4"),
        ('{"nbformat": 4, "cells": [1]}', "one of its cells is no object"),
    ],
)
def test_what_is_no_notebook_of_today_is_refused(text: str, says: str) -> None:
    with pytest.raises(Invalid, match=says) as caught:
        notebook.read(text, "x.ipynb")
    assert caught.value.target == "x.ipynb"


def test_only_python_notebooks_run() -> None:
    with pytest.raises(Invalid, match="written in R;"):
        document(kernelspec={"name": "ir", "language": "R", "display_name": "R"})
    document(kernelspec={"name": "python3", "language": "python", "display_name": "P"})
    document()


def test_values_come_after_the_defaults() -> None:
    cells = (new_markdown_cell("# Title"), tagged("rate = 1\nn = 2", "parameters"), tagged("rate"))
    given = {"rate": 0.5, "names": ["a", None], "deep": {"on": True}}
    found = notebook.with_parameters(document(*cells), given)
    injected = "# Parameters\nrate = 0.5\nnames = ['a', None]\ndeep = {'on': True}"
    assert sources(found) == ["# Title", "rate = 1\nn = 2", injected, "rate"]
    nbformat.validate(nbformat.from_dict(found))
    namespace: dict[str, Any] = {}
    exec(injected, namespace)
    assert {name: namespace[name] for name in given} == given


def test_values_of_an_earlier_run_are_replaced() -> None:
    cells = (tagged("rate = 1", "parameters"), tagged("rate = 9", "injected-parameters"))
    found = notebook.with_parameters(document(*cells), {"rate": 2})
    assert sources(found) == ["rate = 1", "# Parameters\nrate = 2"]


def test_without_defaults_values_come_first_and_that_is_said() -> None:
    found = document(tagged("print(rate)"))
    assert sources(notebook.with_parameters(found, {"rate": 2}))[0] == "# Parameters\nrate = 2"
    [warning] = notebook.check_parameters(found, {"rate": 2})
    assert "before the first cell" in warning
    assert notebook.check_parameters(found, {}) == []
    assert notebook.with_parameters(found, {}) is found


def test_a_parameter_that_the_defaults_lack_is_said_and_a_keyword_refused() -> None:
    found = document(tagged("rate: float = 1", "parameters"))
    assert notebook.check_parameters(found, {"rate": 2}) == []
    assert notebook.check_parameters(found, {"rat": 2}) == [
        "rat is not set in the cell tagged `parameters`."
    ]
    with pytest.raises(Invalid, match="'class' cannot be the name of a parameter"):
        notebook.check_parameters(found, {"class": 2})


def test_outputs_stay_here() -> None:
    cell = tagged("1")
    cell.outputs = [nbformat.v4.new_output("stream", text="much\n")]
    cell.execution_count = 3
    before = document(new_markdown_cell("x"), cell)
    found = notebook.without_outputs(before)
    assert "much" not in json.dumps(found)
    assert found["cells"][1]["execution_count"] is None
    assert before["cells"][1]["outputs"], "the notebook that came in stays as it is"


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("a/b/train me.ipynb", "train me.ipynb"),
        ("C:\\work\\cats.ipynb", "cats.ipynb"),
        ("", "notebook.ipynb"),
        ("/x/..", "notebook.ipynb"),
        ("notes.txt", "notes.txt.ipynb"),
    ],
)
def test_the_copy_has_the_notebooks_name(path: str, name: str) -> None:
    assert notebook.file_name(path) == name
