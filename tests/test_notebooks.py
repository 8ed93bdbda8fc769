"""The notebooks that people are given run from top to bottom, as `make demo` runs them."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest

from tests import with_mlflow
from tests.kernel.real_kernel import execute

EXAMPLES = Path(__file__).parents[1] / "examples"

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


@pytest.fixture
def examples(tmp_path: Path, home: Path) -> Iterator[Path]:
    """A copy of the examples, and an end for the service that a notebook of them starts."""
    folder = tmp_path / "examples"
    shutil.copytree(EXAMPLES, folder, ignore=shutil.ignore_patterns(".*", "__pycache__"))
    yield folder
    stop = [sys.executable, "-m", "jupyter_aml.cli.main", "service", "stop", "--force"]
    stopped = subprocess.run(stop, capture_output=True, text=True, timeout=60, check=False)
    assert stopped.returncode in (0, 4), stopped.stderr


def run(path: Path, **changed: str) -> dict[str, list[Any]]:
    """The outputs of each code cell, by its id. A cell that fails raises.

    `changed` are sources to run instead, by the cell's id.
    """
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        cell.source = changed.get(cell.id, cell.source)
    execute(notebook, path.parent, timeout=300)
    return {cell.id: cell.outputs for cell in notebook.cells if cell.cell_type == "code"}


def text(outputs: list[Any]) -> str:
    """What a person reads, without the strip above it."""
    return "".join(output.get("text", "") for output in outputs if output.output_type == "stream")


def shown(outputs: list[Any]) -> str:
    """What was displayed, as text."""
    return "".join(output.get("data", {}).get("text/plain", "") for output in outputs)


def answer(outputs: list[Any]) -> str:
    """What an endpoint answered, of what ``invoke`` shows."""
    return shown(outputs).splitlines()[0].removeprefix("Answer: ")


def test_the_quickstart_tells_its_story(examples: Path) -> None:
    outputs = run(examples / "quickstart.ipynb")
    assert "Standard_D2s_v3" in text(outputs["sizes"])
    assert text(outputs["train"]).count("epoch") == 6
    assert any("image/png" in output.get("data", {}) for output in outputs["train"])
    assert "of 540 test pictures" in text(outputs["evaluate"])
    assert "node 1:" in text(outputs["pair"])
    assert "best of 12 on 2 nodes" in text(outputs["pair"])
    assert text(outputs["receipt"]).count(" $0.0") == 3
    asked = text(outputs["ask"]).splitlines()
    assert asked[0].split(":")[1].strip() == answer(outputs["invoke"])
    assert len(answer(outputs["invoke"])) == len("[2, 8, 2, 6, 6]")


def test_variables_travel_as_the_tutorial_says(examples: Path) -> None:
    outputs = run(examples / "tutorials" / "variables.ipynb")
    assert text(outputs["back"]).splitlines()[0] == "[ 3.1  7.1 12.6 19.6 28.3]"
    assert "scratch is here: False" in text(outputs["narrowed"])
    assert text(outputs["refused"]).startswith("CannotTravel\n")
    assert "log" in text(outputs["refused"])
    assert "written: 5" in text(outputs["mended"])
    assert "caught: invalid literal for int() with base 10: 'three'" in text(outputs["failed"])
    assert "done: 3" in text(outputs["failed"])


def test_widgets_show_without_a_page_as_the_tutorial_says(examples: Path) -> None:
    outputs = run(examples / "tutorials" / "widgets.ipynb")
    [picker] = outputs["picker"]
    assert "sizes" in picker.data["text/plain"].splitlines()[0]
    assert "aml-widget" in picker.data["text/html"]
    assert "%aml compute create trial --size" in text(outputs["chosen"])
    assert text(outputs["linked"]) == "True\n"
    assert text(outputs["wait"]) == "Completed 1.0\n"
    final = outputs["monitor"][0].data
    assert "Completed" in final["text/plain"]
    assert "application/vnd.jupyter.widget-view+json" not in final
    assert text(outputs["panel"]) == "local 0.0\n"


def test_sessions_and_detached_jobs_work_as_the_tutorial_says(examples: Path) -> None:
    outputs = run(examples / "tutorials" / "sessions.ipynb")
    assert text(outputs["compare"]) == "fresh each time: True\n"
    assert "sum 499999500000" in text(outputs["kept"])
    assert text(outputs["wait"]) == "Completed 42\n"
    assert text(outputs["remote"]).endswith("144\n")


def test_green_takes_over_and_a_fault_goes_back_as_the_tutorial_says(examples: Path) -> None:
    outputs = run(examples / "tutorials" / "safe-rollout.ipynb")
    assert answer(outputs["ask-blue"]) == answer(outputs["ask-green"]) == "[42]"
    assert text(outputs["after"]).startswith("Succeeded ")
    told = text(outputs["count"]).splitlines()
    assert told[0].startswith("RolledBack {'green': 100")
    assert "of" in told[1]
    assert "requests failed" in told[1]
    assert {"blue   answered [42]", "green  answered [42]"} <= set(told)
    assert not [
        line for line in told[2:] if line.startswith(("blue", "green")) and "42]" not in line
    ]


def test_score_py_batch_and_package_work_as_the_tutorial_says(examples: Path) -> None:
    # The proof installs scikit-learn from the package index; tests talk to this machine alone.
    package = "%aml model package iris --download-path iris-package --no-proof"
    outputs = run(examples / "tutorials" / "scoring.ipynb", package=package)
    assert '"kind": "setosa"' in answer(outputs["invoke"])
    assert "ready for 3 kinds" in text(outputs["log"])
    assert "Scored 10 of 10 files; 0 failed." in text(outputs["batch-run"])
    assert "iris-package/serve.py" in text(outputs["look"])
    assert "iris-package/Dockerfile" in text(outputs["look"])


@with_mlflow.needed
@pytest.mark.timeout(900)
def test_the_stock_sdk_works_as_the_tutorial_says(examples: Path) -> None:
    # Its sweep logs with MLflow, so the service that it finds is one whose jobs have that.
    start = [str(with_mlflow.PYTHON), "-m", "jupyter_aml.cli.main", "service", "start"]
    subprocess.run(start, capture_output=True, timeout=60, check=True)
    outputs = run(examples / "tutorials" / "azure-sdk.ipynb")
    assert text(outputs["client"]) == "local\n"
    assert text(outputs["job"]).endswith("JobStatus.COMPLETED\n")
    assert text(outputs["best"]).endswith("JobStatus.COMPLETED 3 trials\nbest: True\n")
    assert text(outputs["fetch"]).endswith("JobStatus.COMPLETED tree.joblib\n\n")
    assert text(outputs["deploy"]).endswith("{'blue': 80, 'green': 20}\n")
    assert text(outputs["invoke"]).endswith("[0, 1, 2]\n")
    assert "green" in shown(outputs["seen"])
