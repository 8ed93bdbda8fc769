"""Jobs made of jobs through the stock SDK: sweeps, pipelines, and what the clock makes."""

from __future__ import annotations

from pathlib import Path
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

    assert "nightly" in [one.name for one in ml_client.schedules.list()]
    assert ml_client.schedules.begin_disable("nightly").result().is_enabled is False
    assert "nightly" not in [one.name for one in ml_client.schedules.list()]
    assert ml_client.schedules.begin_enable("nightly").result().is_enabled is True
    run = ml_client.schedules.trigger("nightly")
    assert ended(ml_client, run.job_name).command == "echo scheduled"
    ml_client.schedules.begin_disable("nightly").result()
    ml_client.schedules.begin_delete("nightly").result()
    with pytest.raises(ResourceNotFoundError):
        ml_client.schedules.get("nightly")


def test_a_pipeline_hands_data_from_step_to_step(ml_client: Any, tmp_path: Path) -> None:
    from azure.ai.ml import Input, Output, command, dsl

    source = tmp_path / "src"
    source.mkdir()
    (source / "double.py").write_text(
        "import pathlib, sys\n"
        "told, out = sys.argv[1], pathlib.Path(sys.argv[2])\n"
        "(out / 'number.txt').write_text(str(2 * int(told)))\n"
    )
    double = command(
        name="double",
        code=str(source),
        command="python double.py ${{inputs.number}} ${{outputs.doubled}}",
        inputs={"number": Input(type="integer")},
        outputs={"doubled": Output(type="uri_folder")},
        environment=ENVIRONMENT,
    )
    show = command(
        name="show",
        command="cat ${{inputs.folder}}/number.txt | tee ${{outputs.shown}}/shown.txt",
        inputs={"folder": Input(type="uri_folder")},
        outputs={"shown": Output(type="uri_folder")},
        environment=ENVIRONMENT,
    )

    @dsl.pipeline(compute="serverless", description="two steps")
    def both(number):  # type: ignore[no-untyped-def]  # the SDK cannot read annotations as texts
        first = double(number=number)
        second = show(folder=first.outputs.doubled)
        return {"result": second.outputs.shown}

    made = ml_client.jobs.create_or_update(both(number=21), experiment_name="pipes")
    ml_client.jobs.stream(made.name)
    found = ended(ml_client, made.name)

    assert (found.status, found.type) == ("Completed", "pipeline")
    assert set(found.jobs) == {"first", "second"}
    parts = {one.display_name: one for one in ml_client.jobs.list(parent_job_name=made.name)}
    assert {one.status for one in parts.values()} == {"Completed"}
    assert len(parts) == 2
    ml_client.jobs.download(made.name, download_path=tmp_path / "all", all=True)
    shown = tmp_path / "all" / "named-outputs" / "result" / "shown.txt"
    assert shown.read_text() == "42"
