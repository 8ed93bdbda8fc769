"""In a real kernel, as a front end sees it: messages, their order, their metadata, interrupts."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import nbclient
import nbformat
import pytest

from tests.client.fake_service import FakeJob, FakeService
from tests.kernel.conftest import run_python
from tests.kernel.real_kernel import SECONDS, Kernel, Message, execute, running, text

# A second passes for the strip only when the test says so: it shows however busy the machine is.
CLOCK = """
import os
from jupyter_aml.kernel.outputs import Replay
Replay.__init__.__kwdefaults__["clock"] = lambda: float(os.path.exists("later"))
"""


@pytest.fixture
def service(home: Path) -> Iterator[FakeService]:
    fake = FakeService(home).start()
    yield fake
    fake.close()


@pytest.fixture
def kernel(service: FakeService, tmp_path: Path) -> Iterator[Kernel]:
    with running(tmp_path) as found:
        assert found.do(CLOCK) == []
        yield found


def joined(messages: list[Message]) -> list[Message]:
    """With pieces of a stream that follow each other as one, as front ends show them."""
    found: list[Message] = []
    for kind, content in messages:
        if kind == "stream" and found and found[-1][1].get("name") == content["name"]:
            content = {**content, "text": found.pop()[1]["text"] + content["text"]}
        found.append((kind, content))
    return found


def test_a_cell_looks_like_a_cell_that_ran_here(kernel: Kernel, service: FakeService) -> None:
    def behave(job: FakeJob) -> None:
        job.move("Running")
        job.add("stdout", text="one\n")
        job.add("stdout", text="two\n")
        png = {"data": {"image/png": "AA==", "text/plain": "<p>"}, "metadata": {"w": 1}}
        job.add("display_data", **png, transient={"display_id": "d"})
        job.add("stderr", text="oh\n")
        job.add("update_display_data", **png, transient={"display_id": "d"})
        job.add("execute_result", data={"text/plain": "42"}, metadata={})
        job.end()

    service.behave = behave
    messages = joined(kernel.do("%%aml -c local --name j1\n42", cellId="cell-1"))
    assert [kind for kind, _ in messages] == [
        "stream",
        "display_data",
        "stream",
        "update_display_data",
        "execute_result",
    ]
    assert messages[0][1] == {"name": "stdout", "text": "one\ntwo\n"}
    assert messages[1][1]["metadata"] == {"w": 1, "jupyter_aml": {"job": "j1"}}
    assert messages[1][1]["transient"] == {"display_id": "d"}
    assert messages[2][1] == {"name": "stderr", "text": "oh\n"}
    result = messages[4][1]
    assert result["data"] == {"text/plain": "42"}
    assert result["execution_count"] == service.jobs["j1"].spec["executionCount"]
    assert service.jobs["j1"].spec["cellId"] == "cell-1"


def test_output_of_a_cell_that_goes_on_is_there_at_once_and_the_strip_later(
    kernel: Kernel, service: FakeService, tmp_path: Path
) -> None:
    go_on, end = threading.Event(), threading.Event()

    def behave(job: FakeJob) -> None:
        job.move("Running")
        job.add("stdout", text="first\n")
        go_on.wait(SECONDS)
        job.add("stdout", text="second\n")
        end.wait(SECONDS)
        job.end()

    service.behave = behave
    messages = kernel.read(kernel.start("%%aml -c local --name j1\n1", cellId="cell-1"))
    assert next(messages) == ("stream", {"name": "stdout", "text": "first\n"})
    # Nothing more comes from the job: what follows is the strip, on top.
    (tmp_path / "later").touch()
    assert next(messages) == ("clear_output", {"wait": True})
    kind, strip = next(messages)
    assert kind == "display_data"
    assert strip["metadata"] == {"jupyter_aml": {"job": "j1"}}
    assert strip["data"]["text/plain"].startswith("Running on local (")
    assert next(messages) == ("stream", {"name": "stdout", "text": "first\n"})
    go_on.set()
    # Until then the strip's clock may have been drawn.
    second = next(message for message in messages if message[0] != "update_display_data")
    assert second == ("stream", {"name": "stdout", "text": "second\n"})
    end.set()
    rest = list(messages)
    assert rest[-1][0] == "update_display_data"
    assert rest[-1][1]["transient"] == strip["transient"]
    assert rest[-1][1]["data"]["text/plain"].startswith("Completed on local (")


def test_stop_cancels_the_job_and_waits_for_its_end(kernel: Kernel, service: FakeService) -> None:
    def behave(job: FakeJob) -> None:
        job.move("Running")
        job.add("stdout", text="working\n")
        job.is_canceled.wait(SECONDS)
        time.sleep(0.2)
        job.add("stdout", text="cleaned up\n")
        job.end("Canceled")

    service.behave = behave
    messages = kernel.read(kernel.start("%%aml --name j1\n1", cellId="c"))
    assert next(messages)[1]["text"] == "working\n"
    kernel.manager.interrupt_kernel()
    rest = list(messages)
    assert "cleaned up\n" in text(rest)
    kind, error = rest[-1]
    assert (kind, error["ename"]) == ("error", "KeyboardInterrupt")
    assert "has stopped after" in error["traceback"][-1]
    assert service.jobs["j1"].status == "Canceled"
    assert text(kernel.do("print('alive')")) == "alive\n"


def test_variables_there_and_back_and_the_remote_traceback(
    kernel: Kernel, service: FakeService
) -> None:
    service.behave = run_python
    kernel.do("import numpy as np\na = np.arange(300_000)\ndef f(x): return x.sum() + k")
    kernel.do("%%aml\nk = 1\nb = a * 2\ns = f(b)", cellId="c")
    assert text(kernel.do("print(s, b[-1], type(b).__name__)")) == "89999700001 599998 ndarray\n"
    [*_, (kind, error)] = kernel.do("%%aml\n{}['missing']", cellId="c")
    assert (kind, error["ename"], error["evalue"]) == ("error", "KeyError", "'missing'")
    assert error["traceback"][0] == "remote traceback"
    assert not any("jupyter_aml/kernel" in line for line in error["traceback"])


def test_a_notebook_run_by_nbclient(service: FakeService, tmp_path: Path) -> None:
    service.behave = run_python
    cells = ["%load_ext jupyter_aml", "%%aml\nx = 6 * 7\nprint('there')", "x", "%%aml\nraise E"]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    with pytest.raises(nbclient.exceptions.CellExecutionError) as raised:
        execute(notebook, tmp_path)
    assert raised.value.ename == "NameError"
    outputs = notebook.cells[1].outputs
    assert any(output.get("text") == "there\n" for output in outputs)
    assert notebook.cells[2].outputs[0].data["text/plain"] == "42"
