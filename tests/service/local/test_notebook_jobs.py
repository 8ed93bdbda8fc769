"""Whole notebooks as jobs, on a real service: the executed copy is the proof."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import Any

import nbformat
import psutil
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from jupyter_aml.client import Client
from jupyter_aml.client.notebookfill import fill
from jupyter_aml.model.errors import Invalid
from jupyter_aml.model.job import CellJob, Distribution, Job, NotebookJob
from jupyter_aml.testing.waiting import eventually_sync


def cell(source: str, *tags: str) -> Any:
    return new_code_cell(source, metadata={"tags": list(tags)})


def spec(*cells: Any, **fields: Any) -> NotebookJob:
    content = nbformat.writes(new_notebook(cells=list(cells)))
    named = {"notebook": "work/train.ipynb", "python": sys.executable, **fields}
    return NotebookJob(content=content, **named)


def run(client: Client, *cells: Any, **fields: Any) -> Job:
    job = client.jobs.create(spec(*cells, **fields))
    for _ in client.jobs.follow(job.name):
        pass
    return client.jobs.get(job.name)


def executed(job: Job) -> list[Any]:
    """The code cells of the executed copy, which is a valid notebook."""
    found = nbformat.read(job.outputs["notebook"], as_version=4)
    nbformat.validate(found)
    return [cell for cell in found.cells if cell.cell_type == "code"]


def text(cell: Any, name: str = "stdout") -> str:
    return "".join(o.text for o in cell.outputs if o.get("name") == name)


PRINTS = """print('rate', rate)
!echo from a shell
import sys
sys.stderr.write('err\\n')
rate * 2"""
SHOWS = """from IPython.display import display
handle = display({'text/plain': 'old'}, raw=True, display_id='d')"""
UPDATES = """import jupyter_aml as aml
handle.update({'text/plain': 'new'}, raw=True)
for _ in aml.progress(range(4)):
    pass
aml.log('loss', 0.5)"""
WAITS = """import time
try:
    print('going', flush=True)
    time.sleep(600)
finally:
    print('tidy')"""


def test_outputs_parameters_and_progress_reach_the_copy(client: Client) -> None:
    cells = [cell("rate = 1", "parameters"), cell(PRINTS), cell(SHOWS), cell(UPDATES)]
    asked = spec(new_markdown_cell("# Training"), *cells, parameters={"rate": 3})
    job = client.jobs.create(asked)
    events = list(client.jobs.follow(job.name))
    job = client.jobs.get(job.name)
    assert (job.status, job.exit_code, job.progress) == ("Completed", 0, 1.0)
    assert Path(job.outputs["notebook"]).name == "train.ipynb"
    _, injected, prints, shows, updates = executed(job)
    assert injected.metadata.tags == ["injected-parameters"]
    assert text(prints) == "rate 3\nfrom a shell\n"
    assert text(prints, "stderr") == "err\n"
    assert prints.outputs[-1].data == {"text/plain": "6"}
    assert prints.outputs[-1].execution_count == prints.execution_count == 3
    assert [o.data["text/plain"] for o in shows.outputs] == ["new"]
    assert updates.metadata.execution["shell.execute_reply"].endswith("Z")
    texts = [event.text for event in events if event.kind == "progress"]
    assert texts[0].startswith("cell 1 of 5")
    assert texts[-1] == "cell 5 of 5"
    assert [event.value for event in events if event.kind == "metric"] == [0.5]
    assert any(file.path == "outputs/train.ipynb" for file in client.jobs.files(job.name).value)


def test_the_failing_cell_is_named_and_nothing_below_it_runs(client: Client) -> None:
    job = run(client, cell("a = 1"), cell("print('before')\nb = a / 0"), cell("c = 3"))
    assert job.status == "Failed"
    assert job.error is not None
    assert job.error.message == "Cell 2 of 3 failed: ZeroDivisionError: division by zero."
    assert job.error.target == "Cell 2 of 3, line 2: b = a / 0"
    done, failed, untouched = executed(job)
    assert done.execution_count == 1
    assert failed.outputs[-1].ename == "ZeroDivisionError"
    assert text(failed) == "before\n"
    assert (untouched.execution_count, untouched.outputs) == (None, [])


def test_tags_that_nbclient_knows(client: Client) -> None:
    job = run(client, cell("1 / 0", "raises-exception"), cell("2 / 0", "skip-execution"), cell("7"))
    assert job.status == "Completed"
    raised, skipped, last = executed(job)
    assert raised.outputs[-1].output_type == "error"
    assert skipped.execution_count is None
    assert last.outputs[-1].data == {"text/plain": "7"}


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("import os; print('here', flush=True); os._exit(3)", "exit code 3"),
        ("import ctypes; print('here', flush=True); ctypes.string_at(0)", "SIGSEGV"),
        ("import sys; print('here'); sys.exit('no data')", "SystemExit: no data"),
    ],
)
def test_a_cell_that_ends_its_process_is_named_and_keeps_its_output(
    client: Client, source: str, words: str
) -> None:
    job = run(client, cell("1"), cell(source))
    assert job.status == "Failed"
    assert job.error is not None
    assert job.error.message.startswith("Cell 2 of 2 failed: ")
    assert words in job.error.message
    assert "here\n" in text(executed(job)[1])
    assert executed(job)[1].outputs[-1].output_type == "error"


def test_exit_ends_a_notebook_well(client: Client) -> None:
    job = run(client, cell("1"), cell("import sys; sys.exit()"), cell("1 / 0"))
    assert job.status == "Completed"


def test_matplotlib_draws_into_the_copy(client: Client) -> None:
    draw = "%matplotlib inline\nimport matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()"
    job = run(client, cell(draw))
    assert job.error is None
    assert "image/png" in executed(job)[0].outputs[-1].data


def test_cancel_ends_the_cell_as_an_interrupt_does(client: Client) -> None:
    job = client.jobs.create(spec(cell("'first'"), cell(WAITS)))
    for event in client.jobs.follow(job.name):
        if event.kind == "stdout" and "going" in event.text:
            client.jobs.cancel(job.name)
    job = client.jobs.get(job.name)
    assert (job.status, job.status_reason) == ("Canceled", "Canceled")
    first, second = executed(job)
    assert first.outputs[-1].data == {"text/plain": "'first'"}
    assert text(second) == "going\ntidy\n"
    assert second.outputs[-1].ename == "KeyboardInterrupt"


@pytest.mark.chaos
def test_a_killed_job_keeps_what_was_done(client: Client) -> None:
    job = client.jobs.create(
        spec(
            cell("print('whole')"), cell("import time\nprint('half', flush=True)\ntime.sleep(600)")
        )
    )
    path = Path(client.home, "jobs", job.name, "outputs", "train.ipynb")
    eventually_sync(lambda: path.exists() and '"half\\n"' in path.read_text(), seconds=60)
    for process in psutil.process_iter():
        try:
            if process.environ().get("JUPYTER_AML_JOB") == job.name:
                process.send_signal(signal.SIGKILL)
        except (psutil.Error, OSError):
            continue
    for _ in client.jobs.follow(job.name):
        pass
    job = client.jobs.get(job.name)
    assert job.status == "Failed"
    first, second = executed(job)
    assert (text(first), text(second)) == ("whole\n", "half\n")


def test_what_cannot_run_is_refused_before_it_costs_anything(client: Client) -> None:
    with pytest.raises(Invalid, match="This is no notebook"):
        client.jobs.create(NotebookJob(content="{}{"))
    with pytest.raises(Invalid, match="one process"):
        client.jobs.create(spec(cell("1"), distribution=Distribution(type="mpi")))
    with pytest.raises(Invalid, match="cannot be the name of a parameter"):
        client.jobs.create(spec(cell("1"), parameters={"a b": 1}))
    assert client.jobs.list().value == []


def test_a_saved_notebook_is_filled_with_what_its_cell_showed(
    client: Client, tmp_path: Path
) -> None:
    path = tmp_path / "saved.ipynb"
    source = "print('away')\n6 * 7"
    saved = new_code_cell(f"%%aml -c local\n{source}", id="c1")
    path.write_text(nbformat.writes(new_notebook(cells=[saved])))
    cell_job = CellJob(
        source=f"# %%aml -c local\n{source}",
        notebook=str(path),
        cell_id="c1",
        execution_count=5,
        python=sys.executable,
        cwd=str(tmp_path),
    )
    job = client.jobs.create(cell_job)
    for _ in client.jobs.follow(job.name):
        pass
    [told] = fill(client, str(path)).cells
    assert (told.job, told.what) == (job.name, "filled")
    [filled] = nbformat.read(path, as_version=4).cells
    assert text(filled) == "away\n"
    assert filled.outputs[-1].data == {"text/plain": "42"}
    assert filled.outputs[-1].metadata.jupyter_aml.job == job.name
    assert [cell.what for cell in fill(client, str(path)).cells] == ["was whole"]


def test_the_same_notebook_under_the_same_name_is_the_same_job(client: Client) -> None:
    asked = spec(cell("1", "parameters"), parameters={"n": 1})
    first = client.jobs.create(asked, name="nightly")
    assert client.jobs.create(asked, name="nightly").created_at == first.created_at
    assert first.spec.warnings == ["n is not set in the cell tagged `parameters`."]
    for _ in client.jobs.follow("nightly"):
        pass


def test_a_path_from_the_home_folder_is_made_whole(client: Client) -> None:
    """JupyterLab knows the server's folder as ``~`` only, where it is the home folder."""
    checked = client.jobs.check(spec(cell("1"), notebook="~/train.ipynb", cwd="~"))
    home = os.path.expanduser("~")
    assert isinstance(checked.spec, NotebookJob)
    assert (checked.spec.cwd, checked.spec.notebook) == (home, f"{home}/train.ipynb")
