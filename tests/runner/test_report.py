"""`aml.log` and `aml.progress`, inside of a job and elsewhere."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from jupyter_aml.runner import report
from tests.runner.driver import Node


@pytest.fixture
def frames(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "frames.0"
    path.touch()
    monkeypatch.setenv("JUPYTER_AML_FRAMES", str(path))
    return path


def _read(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_log_writes_one_line(frames: Path) -> None:
    report.log("loss", 0.25, step=3)
    report.log("accuracy", 1)
    assert _read(frames) == [
        {"k": "metric", "name": "loss", "value": 0.25, "step": 3},
        {"k": "metric", "name": "accuracy", "value": 1.0, "step": None},
    ]


def test_what_json_has_no_number_for_has_no_value(frames: Path) -> None:
    for value in (float("nan"), float("inf"), -float("inf")):
        report.log("loss", value)
    assert [frame["value"] for frame in _read(frames)] == [None, None, None]
    assert list(report.progress("a", total=float("inf"))) == ["a"]
    assert _read(frames)[-1]["total"] is None
    assert "NaN" not in frames.read_text()
    assert "Infinity" not in frames.read_text()


def test_progress_tells_the_first_and_the_last_and_not_every_step(frames: Path) -> None:
    assert list(report.progress(range(10_000), desc="go")) == list(range(10_000))
    found = _read(frames)
    assert found[0] == {"k": "progress", "value": 0, "total": 10_000, "text": "go"}
    assert found[-1]["value"] == 10_000
    assert 2 <= len(found) < 50


def test_progress_of_what_has_no_length(frames: Path) -> None:
    assert list(report.progress(iter("ab"))) == ["a", "b"]
    assert _read(frames)[-1] == {"k": "progress", "value": 2, "total": None, "text": ""}
    assert list(report.progress(iter("ab"), total=2)) == ["a", "b"]
    assert _read(frames)[-1]["total"] == 2


def test_a_loop_that_is_left_early_does_not_say_it_is_done(frames: Path) -> None:
    for item in report.progress(range(5)):
        if item == 2:
            break
    assert _read(frames)[-1]["value"] != 5


def test_elsewhere_log_does_nothing_and_says_so_once(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("JUPYTER_AML_FRAMES", raising=False)
    monkeypatch.setattr(report, "_said", False)
    report.log("loss", 1)
    report.log("loss", 2)
    assert capsys.readouterr().err == "aml.log: not in a job, so metrics go nowhere.\n"


def test_elsewhere_progress_draws_a_bar(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("JUPYTER_AML_FRAMES", raising=False)
    assert list(report.progress([1, 2], desc="go")) == [1, 2]
    text = capsys.readouterr().err
    assert text.startswith("\rgo:   0%|")
    assert text.endswith("| 2/2\n")


def test_it_costs_next_to_nothing_to_import() -> None:
    source = (
        "import sys, json, os, time, typing\n"
        "before = set(sys.modules)\n"
        "import jupyter_aml.runner.report\n"
        "print(sorted(set(sys.modules) - before))"
    )
    done = subprocess.run(
        [sys.executable, "-c", source], capture_output=True, text=True, check=True
    )
    loaded = eval(done.stdout)
    assert "jupyter_aml.runner.report" in loaded
    assert all(name.startswith(("jupyter_aml", "__future__")) for name in loaded)


def test_subprocesses_of_a_job_report_too(node: Node) -> None:
    job = node.command(
        "python -c 'import jupyter_aml as aml\nfor i in aml.progress(range(3)): aml.log(\"i\", i)'"
    )
    assert job.wait()["code"] == 0, job.stderr()
    found = [json.loads(line) for line in (job.dir / "frames.0").read_text().splitlines()]
    assert [frame["value"] for frame in found if frame["k"] == "metric"] == [0, 1, 2]
    assert found[-1] == {"k": "progress", "value": 3, "total": 3, "text": ""}
