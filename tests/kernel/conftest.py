"""A real IPython shell that records what it shows, over a fake service that runs real cells."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from traitlets import Type
from traitlets.config import Config

from jupyter_aml.client.client import client_of
from jupyter_aml.kernel.extension import load, unload
from jupyter_aml.kernel.notebook import Notebook
from jupyter_aml.kernel.shell import NOTEBOOK
from tests.client.fake_service import FakeJob, FakeService

WORKER = str(Path(__file__).with_name("worker.py"))


class Publisher(DisplayPublisher):
    """Records displays; streams are recorded by the shell's own capture (`Notes`)."""

    def publish(self, data: Any, metadata: Any = None, **more: Any) -> None:
        kind = "update" if more.get("update") else "display"
        self.shell.shown.append((kind, data, metadata or {}, more.get("transient") or {}))

    def clear_output(self, wait: bool = False) -> None:
        self.shell.shown.append(("clear", wait))


class Hook(DisplayHook):
    def write_output_prompt(self) -> None: ...

    def write_format_data(self, format_dict: Any, md_dict: Any = None) -> None:
        self.shell.shown.append(("result", self.prompt_count, format_dict, md_dict or {}))

    def finish_displayhook(self) -> None:
        self._is_active = False


class RecordingShell(InteractiveShell):
    display_pub_class = Type(Publisher)
    displayhook_class = Type(Hook)

    def __init__(self, **more: Any) -> None:
        self.shown: list[Any] = []
        self.kernel: Any = None
        self.raised: BaseException | None = None
        self.traceback: list[str] = []
        self.request: dict[str, Any] = {}
        super().__init__(**more)

    def get_parent(self) -> dict[str, Any]:
        return self.request

    def _showtraceback(self, etype: Any, evalue: Any, stb: Any) -> None:
        self.raised, self.traceback = evalue, list(stb)

    def do(self, cell: str) -> Any:
        """Run a cell; what it raised is in `raised`."""
        self.raised, self.traceback = None, []
        return self.run_cell(cell, store_history=True).result


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[RecordingShell]:
    folder = tmp_path / "notebooks"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])
    config = Config()
    config.HistoryManager.enabled = False
    found = RecordingShell.instance(config=config)
    load(found)
    yield found
    unload(found)
    found.reset(new_session=False)
    for kind in RecordingShell.mro():
        if hasattr(kind, "clear_instance") and getattr(kind, "_instance", None) is not None:
            kind.clear_instance()


@pytest.fixture
def service(home: Path) -> Iterator[FakeService]:
    fake = FakeService(home).start()
    fake.behave = run_python
    yield fake
    fake.close()


@pytest.fixture
def notebook(shell: RecordingShell, service: FakeService) -> Notebook:
    """What `shell` keeps, over the fake service."""
    found = Notebook(client_of(service.home, start=False))
    setattr(shell, NOTEBOOK, found)
    return found


def only_job(service: FakeService) -> FakeJob:
    """The one job that the service was sent."""
    [job] = service.jobs.values()
    return job


def run_python(job: FakeJob) -> None:
    """Run a cell job for real, in a process of its own."""
    job.move("Running")
    folder = Path(job.spec["python"] and job.fields.setdefault("folder", _folder(job)))
    done = subprocess.run(
        [sys.executable, WORKER, str(folder)],
        input=json.dumps(job.spec),
        capture_output=True,
        text=True,
        check=False,
        cwd=job.spec.get("cwd") or job.spec.get("code") or None,
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    if told["stdout"]:
        job.add("stdout", text=told["stdout"])
    if told["shown"]:
        job.add("execute_result", data={"text/plain": told["shown"]}, metadata={})
    if told["error"]:
        job.add("error", **told["error"])
        code = f"{told['error']['ename']}: {told['error']['evalue']}"
        error = {"code": "RemoteError", "message": code, "details": told["error"]["traceback"]}
        job.end("Failed", result=told["result"], statusReason="Exception", error=error)
    else:
        job.end(result=told["result"])


def _folder(job: FakeJob) -> str:
    import os

    folder = Path(os.environ["JUPYTER_AML_HOME"]) / "jobs" / job.name / "1"
    folder.mkdir(parents=True)
    return str(folder)
