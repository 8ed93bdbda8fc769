"""Outputs of finished jobs in a saved notebook: what is filled, what is left, and never half."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

from jupyter_aml.client import notebookfill
from jupyter_aml.client.celloutputs import CellOutputs, job_of
from jupyter_aml.client.notebookfill import fill
from jupyter_aml.model.errors import Conflict, Invalid, NotFound
from jupyter_aml.model.event import Event
from jupyter_aml.model.job import CellJob, CellRun, Job

SOURCE = "%%aml -c big\nprint('hi')\n1 + 1"
SHOWN = [
    ("stdout", {"text": "hi\n"}),
    ("display_data", {"data": {"text/plain": "old"}, "transient": {"display_id": "d"}}),
    ("update_display_data", {"data": {"text/plain": "new"}, "transient": {"display_id": "d"}}),
    ("execute_result", {"data": {"text/plain": "2"}}),
]


class FakeClient:
    """Jobs by name, and which one a cell ran last."""

    def __init__(self) -> None:
        self.known: dict[str, Job] = {}
        self.events: dict[str, list[Event]] = {}
        self.last: dict[tuple[str, str], str] = {}
        self.jobs = SimpleNamespace(get=self._get, follow=self._follow)
        self.cells = SimpleNamespace(get=self._cell)

    def add(self, name: str, shown: list[Any] = SHOWN, **fields: Any) -> None:
        source = fields.pop("source", "# %%aml -c big\nprint('hi')\n1 + 1")
        spec = CellJob(source=source, compute="big", execution_count=7)
        observed = {
            "status": "Completed",
            "created_at": f"2026-01-0{len(self.known) + 1}T00:00:00Z",
        }
        self.known[name] = Job(name=name, spec=spec, **{**observed, **fields})
        self.events[name] = [
            Event(seq=n, time="", kind=kind, **told) for n, (kind, told) in enumerate(shown, 1)
        ]

    def _get(self, name: str) -> Job:
        if name not in self.known:
            raise NotFound(f"no job {name}")
        return self.known[name]

    def _follow(self, name: str, *, wait: bool) -> Iterator[Event]:
        assert not wait
        return iter(self.events[name])

    def _cell(self, notebook: str, cell_id: str) -> CellRun:
        if (notebook, cell_id) not in self.last:
            raise NotFound("no run")
        return CellRun(job=self.last[notebook, cell_id], status="Completed", last_seq=9)


@pytest.fixture
def client() -> Any:
    return FakeClient()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "näh.ipynb"


def save(path: Path, *outputs: Any, source: str = SOURCE) -> None:
    cells = [new_code_cell("1", id="local"), new_code_cell(source, id="c1", outputs=list(outputs))]
    path.write_text(nbformat.writes(new_notebook(cells=cells)), encoding="utf-8")


def strip(job: str) -> Any:
    data = {"text/html": '<div class="aml-strip">Running</div>', "text/plain": "Running"}
    return new_output("display_data", data=data, metadata={"jupyter_aml": {"job": job}})


def what(client: Any, path: Path) -> list[str]:
    return [cell.what for cell in fill(client, str(path)).cells]


def outputs(path: Path) -> list[Any]:
    found = nbformat.read(path, as_version=4)
    nbformat.validate(found)
    return found.cells[1].outputs


def test_a_cell_is_found_by_its_place_and_filled(client: Any, path: Path) -> None:
    save(path)
    client.add("sun")
    client.last[str(path), "c1"] = "sun"
    assert what(client, path) == ["filled"]
    text, shown, result = outputs(path)
    assert text.text == "hi\n"
    assert shown.data == {"text/plain": "new"}
    assert (result.data, result.execution_count) == ({"text/plain": "2"}, 7)
    assert job_of(shown) == "sun"
    assert what(client, path) == ["was whole"]


def test_a_cell_is_found_by_the_name_in_its_output_wherever_the_file_lies(
    client: Any, path: Path
) -> None:
    save(path, strip("sun"), new_output("stream", text="h"))
    client.add("sun", [("stdout", {"text": "hi\n"})])
    assert what(client, path) == ["filled"]
    on_top, text = outputs(path)
    assert (job_of(on_top), on_top.data["text/plain"]) == ("sun", "Completed on big (sun)")
    assert text.text == "hi\n"


def test_text_that_the_job_began_with_is_completed(client: Any, path: Path) -> None:
    save(path, new_output("stream", text="h"))
    client.add("sun")
    client.last[str(path), "c1"] = "sun"
    assert what(client, path) == ["filled"]


@pytest.mark.parametrize(
    ("present", "source", "fields", "says"),
    [
        ([new_output("stream", text="bye\n")], SOURCE, {}, "has other output"),
        ([new_output("execute_result", data={"text/plain": "9"})], SOURCE, {}, "has other output"),
        ([strip("of_another_machine")], SOURCE, {}, "has other output"),
        ([], SOURCE.replace("hi", "ho"), {}, "changed since"),
        ([], SOURCE, {"status": "Running"}, "still running"),
    ],
)
def test_what_is_newer_is_left(
    client: Any, path: Path, present: list[Any], source: str, fields: Any, says: str
) -> None:
    save(path, *present, source=source)
    before = path.read_bytes()
    client.add("sun", **fields)
    client.last[str(path), "c1"] = "sun"
    assert what(client, path) == [says]
    assert path.read_bytes() == before


def test_a_later_run_replaces_an_earlier_one(client: Any, path: Path) -> None:
    save(path, strip("sun"), new_output("stream", text="old run\n"))
    client.add("sun", [("stdout", {"text": "old run\n"})])
    client.add("moon", [("stdout", {"text": "hi\n"})], status="Failed")
    client.last[str(path), "c1"] = "moon"
    assert what(client, path) == ["filled"]
    assert [job_of(output) for output in outputs(path)] == ["moon", ""]


def test_a_save_in_between_is_not_lost(
    client: Any, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save(path)
    client.add("sun")
    client.last[str(path), "c1"] = "sun"
    follow = client.jobs.follow

    def saved_meanwhile(name: str, *, wait: bool) -> Iterator[Event]:
        monkeypatch.setattr(client.jobs, "follow", follow)
        document = json.loads(path.read_text())
        document["cells"][0]["source"] = "2"
        path.write_text(json.dumps(document))
        return follow(name, wait=wait)

    monkeypatch.setattr(client.jobs, "follow", saved_meanwhile)
    assert what(client, path) == ["filled"]
    assert json.loads(path.read_text())["cells"][0]["source"] == "2"
    assert outputs(path)[0].text == "hi\n"


def test_who_saves_again_and_again_wins(
    client: Any, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save(path)
    client.add("sun")
    client.last[str(path), "c1"] = "sun"
    monkeypatch.setattr(notebookfill, "_replace", lambda *_: False)
    with pytest.raises(Conflict, match="saved again and again"):
        fill(client, str(path))


def test_the_file_keeps_its_mode_and_nothing_lies_beside_it(client: Any, path: Path) -> None:
    save(path)
    path.chmod(0o640)
    client.add("sun")
    client.last[str(path), "c1"] = "sun"
    fill(client, str(path))
    assert path.stat().st_mode & 0o777 == 0o640
    assert os.listdir(path.parent) == [path.name]


def test_what_is_no_notebook_is_said(client: Any, tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="There is no notebook"):
        fill(client, str(tmp_path / "none.ipynb"))
    (tmp_path / "x.ipynb").write_text("{}")
    with pytest.raises(Invalid, match="has format unknown"):
        fill(client, str(tmp_path / "x.ipynb"))


def test_clearing_and_carriage_returns() -> None:
    events = [
        ("stdout", {"text": "gone\n"}),
        ("clear_output", {"wait": True}),
        ("stderr", {"text": "\r 10%"}),
        ("stderr", {"text": "\r100%\n"}),
        ("notice", {"text": "attempt 2"}),
        ("error", {"ename": "E", "evalue": "v", "traceback": ["t"]}),
    ]
    told = [Event(seq=n, time="", kind=kind, **fields) for n, (kind, fields) in enumerate(events)]  # type: ignore[arg-type]
    text, error = CellOutputs(None).apply(told)
    assert text == {"output_type": "stream", "name": "stderr", "text": "100%\nattempt 2\n"}
    assert error["traceback"] == ["t"]
