"""Jobs made of jobs through the stock SDK: sweeps, pipelines, and what the clock makes."""

from __future__ import annotations

from typing import Any

import pytest

from tests.arm.test_jobs_sdk import ENVIRONMENT, ended


def test_a_sweep_finds_the_best_of_its_trials(ml_client: Any) -> None:
    from azure.ai.ml import command
    from azure.ai.ml.sweep import Choice

    line = "python -c \"import jupyter_aml as aml; aml.log('score', float('${{inputs.x}}'))\""
    trial = command(command=line, inputs={"x": 0}, environment=ENVIRONMENT)
    sweep = trial(x=Choice([1, 3, 2])).sweep(
        sampling_algorithm="grid", primary_metric="score", goal="maximize"
    )
    sweep.set_limits(max_total_trials=3, max_concurrent_trials=2, timeout=600)

    made = ml_client.jobs.create_or_update(sweep)
    found = ended(ml_client, made.name)

    assert (found.status, found.type) == ("Completed", "sweep")
    assert found.objective.goal.lower() == "maximize"
    assert found.search_space["x"].values == [1, 3, 2]
    parts = list(ml_client.jobs.list(parent_job_name=made.name))
    assert len(parts) == 3
    assert {one.status for one in parts} == {"Completed"}
    best = ml_client.jobs.get(found.properties["best_child_run_id"])
    assert best.parameters == {"x": 3}
    assert made.name in [one.name for one in ml_client.jobs.list()]
    assert best.name not in [one.name for one in ml_client.jobs.list()]


def test_a_schedule_is_kept_triggered_and_forgotten(ml_client: Any) -> None:
    from azure.ai.ml import command
    from azure.ai.ml.entities import CronTrigger, JobSchedule
    from azure.core.exceptions import ResourceNotFoundError

    made = ml_client.jobs.create_or_update(
        command(command="echo scheduled", environment=ENVIRONMENT)
    )
    ended(ml_client, made.name)
    asked = JobSchedule(
        name="nightly",
        trigger=CronTrigger(expression="30 2 * * *", time_zone="W. Europe Standard Time"),
        create_job=made.id,
        description="at night",
    )
    found = ml_client.schedules.begin_create_or_update(asked).result()
    assert (found.is_enabled, found.trigger.expression) == (True, "30 2 * * *")
    assert found.trigger.time_zone == "W. Europe Standard Time"

    assert [one.name for one in ml_client.schedules.list()] == ["nightly"]
    assert ml_client.schedules.begin_disable("nightly").result().is_enabled is False
    assert list(ml_client.schedules.list()) == []
    assert ml_client.schedules.begin_enable("nightly").result().is_enabled is True
    run = ml_client.schedules.trigger("nightly")
    assert ended(ml_client, run.job_name).command == "echo scheduled"
    ml_client.schedules.begin_disable("nightly").result()
    ml_client.schedules.begin_delete("nightly").result()
    with pytest.raises(ResourceNotFoundError):
        ml_client.schedules.get("nightly")
