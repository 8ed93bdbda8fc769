"""``az ml`` sweep and schedule files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from jupyter_aml.client import jobfile, schedulefile
from jupyter_aml.model.errors import Invalid
from jupyter_aml.model.job import CommandJob, Job, SweepJob
from jupyter_aml.model.job_document import job_document
from jupyter_aml.model.schedule import CronTrigger, RecurrencePattern, RecurrenceTrigger
from jupyter_aml.model.sweep import BanditPolicy, Choice, GridSampling, RandomSampling, Uniform

SWEEP: dict[str, Any] = {
    "$schema": "https://azuremlschemas.azureedge.net/latest/sweepJob.schema.json",
    "type": "sweep",
    "trial": {
        "code": ".",
        "command": "python main.py --rate ${{search_space.rate}} ${{inputs.data}}",
        "environment": "azureml:training@latest",
        "environment_variables": {"A": "1"},
    },
    "inputs": {"data": {"type": "uri_folder", "path": "."}},
    "compute": "azureml:cpu-cluster",
    "sampling_algorithm": "random",
    "search_space": {
        "rate": {"type": "uniform", "min_value": 0.01, "max_value": 0.9},
        "kind": {"type": "choice", "values": ["gbdt", "dart"]},
    },
    "objective": {"goal": "Maximize", "primary_metric": "accuracy"},
    "limits": {
        "max_total_trials": 20,
        "max_concurrent_trials": 10,
        "timeout": 7200,
        "trial_timeout": 60,
    },
    "early_termination": {"type": "bandit", "slack_factor": 0.1, "evaluation_interval": 2},
    "resources": {"instance_count": 2},
}


def read(folder: Path, **changes: Any) -> SweepJob:
    job, _ = jobfile.from_document({**SWEEP, **changes}, folder)
    assert isinstance(job, SweepJob)
    return job


def test_every_part_of_a_sweep_file_is_read(tmp_path: Path) -> None:
    job = read(tmp_path)
    assert (job.code, job.compute, job.instance_count) == (str(tmp_path), "cpu-cluster", 2)
    assert job.environment_variables == {"A": "1"}
    assert job.search_space == {
        "rate": Uniform(min_value=0.01, max_value=0.9),
        "kind": Choice(["gbdt", "dart"]),
    }
    assert job.sampling == RandomSampling()
    assert (job.objective.goal, job.objective.primary_metric) == ("maximize", "accuracy")
    assert (job.timeout, job.limits.trial_timeout) == (7200, 60)
    assert (job.limits.max_total_trials, job.limits.max_concurrent_trials) == (20, 10)
    assert job.early_termination == BanditPolicy(slack_factor=0.1, evaluation_interval=2)


def test_ways_of_sampling(tmp_path: Path) -> None:
    sobol = {"type": "random", "seed": 3, "rule": "sobol", "logbase": "e"}
    wanted = RandomSampling(seed=3, rule="sobol")
    assert read(tmp_path, sampling_algorithm=sobol).sampling == wanted
    assert read(tmp_path, sampling_algorithm="grid").sampling == GridSampling()
    assert read(tmp_path, sampling_algorithm=None).sampling == RandomSampling()


def test_a_shown_sweep_is_a_sweep_file_again(tmp_path: Path) -> None:
    job = read(tmp_path)
    shown = job_document(Job(name="s", spec=job, status="Queued", created_at="", best_child="s_3"))
    again, name = jobfile.from_document(yaml.safe_load(yaml.safe_dump(shown)), tmp_path)
    assert (again, name) == (job, "s")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"trial": None}, "trial is missing"),
        ({"trial": {"command": "x", "comand": "y"}}, r"\$\.trial\.comand is not a field"),
        ({"search_space": {"x": {"type": "unifrm"}}}, "type cannot be 'unifrm'"),
        ({"search_space": {"x": {"type": "uniform", "min_value": 1}}}, "it lacks max_value"),
        ({"search_space": {"x": {"type": "choice", "values": 3}}}, "cannot be read"),
        ({"search_space": None}, "search_space is missing"),
        ({"objective": {"goal": "up", "primary_metric": "a"}}, "goal cannot be 'up'"),
        ({"limits": {"max_total_trials": 5000}}, "from 1 to 1000"),
        ({"early_termination": {"slack_factor": 1}}, "type is missing"),
    ],
)
def test_what_is_wrong_is_refused_by_its_path(
    tmp_path: Path, changes: dict[str, Any], words: str
) -> None:
    with pytest.raises(Invalid, match=words):
        read(tmp_path, **changes)


SCHEDULE = """
name: nightly
trigger:
  type: recurrence
  frequency: day
  interval: 2
  schedule: {hours: [4, 16], minutes: 30}
  start_time: "2026-07-10T10:00:00"
  time_zone: "Pacific Standard Time"
create_job: ./job.yml
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "job.yml").write_text("command: echo ${{inputs.a}}\ninputs: {a: 1, b: 2}\n")
    (tmp_path / "schedule.yml").write_text(SCHEDULE)
    return tmp_path


def test_a_schedule_file_with_the_job_that_it_names(folder: Path) -> None:
    found, _ = schedulefile.load(str(folder / "schedule.yml"), {"description": "words"})
    assert (found.name, found.description, found.enabled) == ("nightly", "words", True)
    assert found.trigger == RecurrenceTrigger(
        frequency="day",
        interval=2,
        schedule=RecurrencePattern(hours=[4, 16], minutes=[30]),
        start_time="2026-07-10T10:00:00",
        time_zone="Pacific Standard Time",
    )
    assert isinstance(found.job, CommandJob)
    assert found.job.inputs == {"a": 1, "b": 2}


def test_a_job_file_with_changes_and_a_job_written_out(folder: Path) -> None:
    changed = {"job": "./job.yml", "inputs": {"a": 5}, "experiment_name": "night"}
    found, _ = schedulefile.load(str(folder / "schedule.yml"), {"create_job": changed})
    assert isinstance(found.job, CommandJob)
    assert found.job.inputs == {"a": 5, "b": 2}
    assert found.job.experiment_name == "night"
    written = {"type": "command", "command": "echo here"}
    found, _ = schedulefile.load(str(folder / "schedule.yml"), {"create_job": written})
    assert isinstance(found.job, CommandJob)
    assert found.job.command == "echo here"


def test_a_cron_line_in_a_file_and_in_options(folder: Path) -> None:
    line = {"type": "cron", "expression": "0 6 * * *"}
    found, _ = schedulefile.load(str(folder / "schedule.yml"), {"trigger": line})
    assert found.trigger == CronTrigger(expression="0 6 * * *")
    described = schedulefile.of_job("n", "0 6 * * *", str(folder / "job.yml"))
    assert described.trigger == found.trigger


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("trigger", None, "trigger is missing"),
        ("trigger.frequency", "yearly", "frequency cannot be"),
        ("trigger.schedule.hours", [25], "cannot be read"),
        ("trigger.schedule.week_days", ["someday"], "cannot be read"),
        ("create_job", "azureml:old-job", "cannot name a job that has run"),
        ("create_job", None, "create_job is missing"),
        ("nmae", "x", "nmae is not a field"),
    ],
)
def test_what_is_wrong_in_a_schedule_file(folder: Path, key: str, value: Any, words: str) -> None:
    with pytest.raises(Invalid, match=words):
        schedulefile.load(str(folder / "schedule.yml"), {key: value})
