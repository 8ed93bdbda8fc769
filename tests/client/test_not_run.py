"""Jobs of Azure ML's vocabulary that are not run here: refused by what, where and what instead.

The compatible API says the same: `tests/arm/test_not_run.py`.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from jupyter_aml.client import componentfile, jobfile, schedulefile
from jupyter_aml.model import not_run
from jupyter_aml.model.errors import Invalid

SPELLINGS = [*not_run.INSTEAD, "data_transfer_copy", "AutoML", "Spark"]


def refused(told: Invalid, what: str, kind: str) -> None:
    assert told.message == f"{what} of the type {kind.lower()} are not run here."
    assert told.hint in not_run.INSTEAD.values()


@pytest.mark.parametrize("kind", SPELLINGS)
def test_jobs(tmp_path: Path, kind: str) -> None:
    with pytest.raises(Invalid) as told:
        jobfile.from_document({"type": kind, "entry": {"file": "main.py"}}, tmp_path)
    refused(told.value, "Jobs", kind)
    assert told.value.target == "job: $.type"


@pytest.mark.parametrize("kind", SPELLINGS)
def test_steps(tmp_path: Path, kind: str) -> None:
    step = {"type": kind, "body": "${{parent.jobs.a}}", "items": "[]"}
    with pytest.raises(Invalid) as told:
        jobfile.from_document({"jobs": {"a": {"command": "x"}, "b": step}}, tmp_path)
    refused(told.value, "Steps", kind)
    assert told.value.target == "job: $.jobs.b.type"


@pytest.mark.parametrize("kind", SPELLINGS)
def test_components(tmp_path: Path, kind: str) -> None:
    file = tmp_path / "component.yml"
    file.write_text(f"name: c\ntype: {kind}\nentry: {{file: main.py}}\n")
    with pytest.raises(Invalid) as told:
        componentfile.load(str(file))
    refused(told.value, "Components", kind)


def test_jobs_of_schedules(tmp_path: Path) -> None:
    file = tmp_path / "schedule.yml"
    job = "create_job: {type: spark, entry: {file: main.py}}"
    file.write_text(f"name: s\ntrigger: {{type: cron, expression: '0 6 * * *'}}\n{job}\n")
    with pytest.raises(Invalid) as told:
        schedulefile.load(str(file))
    refused(told.value, "Jobs", "spark")


@pytest.mark.parametrize(
    ("kind", "hint"), [("cell", "%%aml"), ("parallel", "step of a pipeline"), ("comand", "command")]
)
def test_what_is_no_file_of_its_own(tmp_path: Path, kind: str, hint: str) -> None:
    with pytest.raises(Invalid, match=f"cannot be '{kind}'") as told:
        jobfile.from_document({"type": kind, "command": "x"}, tmp_path)
    assert hint in told.value.hint
