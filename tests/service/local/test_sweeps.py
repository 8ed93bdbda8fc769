"""Sweeps on a real service: real trials, and services that are killed in the middle."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from jupyter_aml.client import Client
from jupyter_aml.model.errors import Invalid
from jupyter_aml.model.job import CommandJob, Job
from jupyter_aml.model.lifecycle import JOB
from jupyter_aml.model.spec import Output
from jupyter_aml.model.sweep import (
    BanditPolicy,
    Choice,
    Dimension,
    GridSampling,
    Objective,
    SweepJob,
    SweepLimits,
)
from jupyter_aml.testing.service import ServiceProcess
from jupyter_aml.testing.waiting import eventually_sync

LOGS = f"""{sys.executable} - <<'END'
import jupyter_aml as aml
aml.log("score", ${{{{search_space.x}}}})
END
"""


def sweep(command: str, values: list[float | str], at_once: int = 2, **more: object) -> SweepJob:
    space: dict[str, Dimension] = {"x": Choice(list(values))}
    return SweepJob(
        command=command,
        search_space=space,
        sampling=GridSampling(),
        objective=Objective(goal="maximize", primary_metric="score"),
        limits=SweepLimits(max_concurrent_trials=at_once),
        **more,  # type: ignore[arg-type]
    )


def ended(client: Client, name: str) -> Job:
    def look() -> Job | None:
        job = client.jobs.get(name)
        return job if job.status in JOB.final else None

    return eventually_sync(look, seconds=60)


def test_a_sweep_has_its_best_trials_outputs(client: Client) -> None:
    command = LOGS + "echo ${{search_space.x}} $AZUREML_SWEEP_x > ${{outputs.model}}/best"
    spec = sweep(command, [0.2, 0.9, 0.4], outputs={"model": Output()}, tags={"a": "b"})
    name = client.jobs.create(spec).name
    job = ended(client, name)
    assert job.status == "Completed", job.error
    assert job.best_child == f"{name}_1"
    assert (Path(job.outputs["model"]) / "best").read_text() == "0.9 0.9\n"
    assert (job.progress, job.doing) == (1.0, "3 of 3 trials")
    found = client.jobs.trials(name)
    assert [trial.job for trial in found.value] == [f"{name}_{n}" for n in range(3)]
    assert [trial.metric for trial in found.value] == [0.2, 0.9, 0.4]
    assert [trial.parameters for trial in found.value] == [{"x": 0.2}, {"x": 0.9}, {"x": 0.4}]
    assert found.best == f"{name}_1"
    listed = [one.name for one in client.jobs.list().value]
    assert listed == [name], "its trials are listed under it alone"
    receipts = [client.jobs.get(trial.job).receipt for trial in found.value]
    assert job.receipt is not None
    total = sum(receipt.seconds for receipt in receipts if receipt is not None)
    assert job.receipt.seconds == pytest.approx(total, abs=0.01)
    told = "".join(event.text for event in client.jobs.follow(name))
    assert "Trial 1 Completed, score 0.9\n" in told


def test_the_best_trials_output_is_registered_under_the_sweeps_name(client: Client) -> None:
    command = LOGS + "echo ${{search_space.x}} > ${{outputs.model}}/best"
    outputs = {
        "model": Output(name="best-of-three", type="custom_model"),
        "empty": Output(name="no"),
    }
    job = ended(client, client.jobs.create(sweep(command, [1, 3, 2], outputs=outputs)).name)
    assert job.status == "Completed", job.error
    assert job.registered == {"model": "azureml:best-of-three:1"}
    found = client.models.get("best-of-three")
    assert found.lineage is not None
    assert found.lineage.job == job.best_child
    told = "".join(event.text for event in client.jobs.follow(job.name, wait=False))
    assert "The output empty holds nothing, so no got no new version.\n" in told


def test_kill_9_in_the_middle_loses_no_trial_and_doubles_none(
    aml_service: ServiceProcess, client: Client, tmp_path: Path
) -> None:
    ran = tmp_path / "ran"
    ran.mkdir()
    gate = tmp_path / "gate"
    # three go at once; the others wait until the services have been killed
    line = f"""echo run >> {ran}/${{{{search_space.x}}}}
    case ${{{{search_space.x}}}} in [012]) ;; *) while [ ! -e {gate} ]; do sleep 0.05; done;; esac
    {LOGS}"""
    name = client.jobs.create(sweep(line, [0, 1, 2, 3, 4, 5, 6, 7])).name

    def some_ended() -> bool:
        return sum(one.status == "Completed" for one in client.jobs.trials(name).value) >= 2

    eventually_sync(some_ended, seconds=60)
    aml_service.kill()
    aml_service.start()
    eventually_sync(lambda: (ran / "4").exists(), seconds=60)
    aml_service.kill()
    gate.touch()
    aml_service.start()
    job = ended(client, name)
    assert job.status == "Completed", job.error
    assert {path.name: path.read_text() for path in ran.iterdir()} == {
        str(number): "run\n" for number in range(8)
    }
    found = client.jobs.trials(name)
    assert [trial.metric for trial in found.value] == [float(n) for n in range(8)]
    assert found.best == job.best_child == f"{name}_7"


def test_canceling_it_ends_its_trials_first(client: Client) -> None:
    name = client.jobs.create(sweep("sleep 600", [1, 2, 3])).name

    def two_run() -> bool:
        return [one.status for one in client.jobs.trials(name).value] == ["Running", "Running"]

    eventually_sync(two_run, seconds=60)
    client.jobs.cancel(name)
    job = ended(client, name)
    assert (job.status, job.status_reason) == ("Canceled", "Canceled")
    assert [one.status for one in client.jobs.trials(name).value] == ["Canceled", "Canceled"]


def test_a_policy_ends_a_trial_that_is_behind(client: Client) -> None:
    line = f"{LOGS} [ ${{{{search_space.x}}}} = 0.9 ] || sleep 600"
    spec = sweep(line, [0.9, 0.1], early_termination=BanditPolicy(slack_factor=0.1))
    name = client.jobs.create(spec).name
    job = ended(client, name)
    assert job.status == "Completed", job.error
    good, behind = client.jobs.trials(name).value
    assert (good.status, good.terminated, good.best) == ("Completed", "", True)
    assert (behind.status, behind.status_reason) == ("Canceled", "EarlyTermination")
    assert "0.1, was below the best trial less the slack" in behind.terminated


def test_when_the_first_trials_fail_the_rest_is_not_tried(client: Client) -> None:
    name = client.jobs.create(sweep("exit 3", list(range(50)))).name
    job = ended(client, name)
    assert job.status == "Failed"
    assert job.error is not None
    assert "none completed" in job.error.message
    assert len(client.jobs.trials(name).value) < 10


def test_what_cannot_work_is_refused_before_anything_runs(client: Client) -> None:
    wrong = sweep("echo ${{search_space.y}}", [1])
    with pytest.raises(Invalid, match=r"search_space\.y"):
        client.jobs.create(wrong)
    with pytest.raises(Invalid, match="no sweep"):
        client.jobs.trials(client.jobs.create(CommandJob(command="true")).name)
    with pytest.raises(Invalid, match="sets that itself"):
        client.jobs.create(CommandJob(command="true", parent="mine"))
    assert all(one.type != "sweep" for one in client.jobs.list().value)
