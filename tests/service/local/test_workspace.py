"""The local workspace as a client sees it: a real service, real nodes, real jobs.

What every backend must do is in `test_backend`; here is what the local one promises beyond that.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from jupyter_aml.client import Client
from jupyter_aml.model.compute import AmlCompute, Compute, ComputeInstance, UpdateCompute
from jupyter_aml.model.errors import Conflict, Invalid, NotFound, QuotaExceeded
from jupyter_aml.model.job import CellJob, CommandJob, Distribution, Input, Job, Output
from jupyter_aml.model.lifecycle import JOB
from jupyter_aml.testing.service import ServiceProcess
from jupyter_aml.testing.waiting import eventually_sync


def small(client: Client) -> str:
    """The smallest real size, so that two nodes fit on any machine."""
    sizes = [s for s in client.compute.sizes().value if not s.rehearsal and s.available]
    return min(sizes, key=lambda size: (size.vcpus, size.memory_gb)).name


def rehearsal(client: Client) -> str:
    """The cheapest of Azure's sizes."""
    sizes = [s for s in client.compute.sizes("amlcompute").value if s.rehearsal]
    return min(sizes, key=lambda size: (size.vcpus, size.price_per_hour or 0)).name


def run(client: Client, command: str, **spec: Any) -> Job:
    return ended(client, client.jobs.create(CommandJob(command=command, **spec)).name)


def ended(client: Client, name: str) -> Job:
    for _ in client.jobs.follow(name):
        pass
    return eventually_sync(lambda: _if_ended(client.jobs.get(name)))


def _if_ended(job: Job) -> Job | None:
    return job if job.status in JOB.final else None


def text(client: Client, name: str, kind: str = "stdout") -> str:
    return "".join(e.text for e in client.jobs.follow(name, wait=False) if e.kind == kind)


def becomes(client: Client, name: str, state: str) -> Compute:
    def look() -> Compute | None:
        found = client.compute.get(name)
        return found if found.state == state else None

    return eventually_sync(look)


def prints(client: Client, name: str, line: str) -> None:
    eventually_sync(lambda: line in text(client, name))


# -- clusters and instances ------------------------------------------------------------------


def test_a_cluster_scales_down_after_its_idle_time(client: Client) -> None:
    spec = AmlCompute(name="cpu-cluster", size=small(client), idle_time_before_scale_down=1)
    client.compute.create(spec)
    done = run(client, "echo there", compute="cpu-cluster")
    assert done.status == "Completed"
    assert len(done.nodes) == 1
    eventually_sync(lambda: client.compute.get("cpu-cluster").current_nodes == 0)
    assert becomes(client, "cpu-cluster", "Steady").target_nodes == 0
    assert not client.compute.nodes("cpu-cluster").nodes


def test_a_cluster_keeps_its_minimum(client: Client) -> None:
    spec = AmlCompute(
        name="cpu-cluster", size=small(client), min_instances=1, idle_time_before_scale_down=0
    )
    client.compute.create(spec)
    eventually_sync(lambda: client.compute.get("cpu-cluster").idle_nodes == 1)
    client.compute.update("cpu-cluster", UpdateCompute(min_instances=0))
    eventually_sync(lambda: client.compute.get("cpu-cluster").current_nodes == 0)


def test_deleting_a_busy_cluster_ends_its_jobs(client: Client) -> None:
    client.compute.create(AmlCompute(name="cpu-cluster", size=small(client)))
    job = client.jobs.create(CommandJob(command="echo up; sleep 60", compute="cpu-cluster"))
    prints(client, job.name, "up")
    client.compute.delete("cpu-cluster")
    assert ended(client, job.name).status == "Canceled"
    eventually_sync(lambda: [c.name for c in client.compute.list().value] == ["local"])


def test_an_eviction_without_retries_fails_and_with_them_resumes(client: Client) -> None:
    spec = AmlCompute(name="spot", size=rehearsal(client), tier="low_priority", max_instances=2)
    client.compute.create(spec)
    wait = "echo attempt $JUPYTER_AML_ATTEMPT; test $JUPYTER_AML_ATTEMPT = 2 || sleep 60"
    once = client.jobs.create(CommandJob(command=wait, compute="spot"))
    again = client.jobs.create(CommandJob(command=wait, compute="spot", retries=1))
    for job in (once, again):
        prints(client, job.name, "attempt 1")
    client.compute.evict("spot")
    failed, completed = ended(client, once.name), ended(client, again.name)
    assert (failed.status, failed.status_reason, failed.attempt) == ("Failed", "Evicted", 1)
    assert failed.error is not None
    assert "--retries" in failed.error.hint
    assert (completed.status, completed.attempt) == ("Completed", 2)
    assert text(client, again.name) == "attempt 1\nattempt 2\n"


def test_dedicated_nodes_are_not_evicted(client: Client) -> None:
    client.compute.create(AmlCompute(name="cpu-cluster", size=small(client)))
    with pytest.raises(Conflict) as refused:
        client.compute.evict("cpu-cluster")
    assert "low_priority" in refused.value.hint


def test_a_stopped_instance_says_how_to_start_it_and_runs_again(client: Client) -> None:
    client.compute.create(ComputeInstance(name="dev-box", size=small(client)))
    becomes(client, "dev-box", "Running")
    client.compute.stop("dev-box")
    becomes(client, "dev-box", "Stopped")
    with pytest.raises(Conflict) as refused:
        client.jobs.create(CommandJob(command="echo", compute="dev-box"))
    assert "%aml compute start dev-box" in refused.value.hint
    client.compute.start("dev-box")
    assert run(client, "echo", compute="dev-box").status == "Completed"
    client.compute.restart("dev-box")
    becomes(client, "dev-box", "Running")
    assert run(client, "echo", compute="dev-box").status == "Completed"


# -- jobs over several nodes -----------------------------------------------------------------


def test_a_job_of_two_nodes_gets_what_pytorch_reads(client: Client) -> None:
    client.compute.create(AmlCompute(name="pair-of", size=rehearsal(client), max_instances=2))
    done = run(
        client,
        "echo $RANK of $WORLD_SIZE on node $NODE_RANK local $LOCAL_RANK at $MASTER_ADDR",
        compute="pair-of",
        instance_count=2,
        distribution=Distribution(type="pytorch", process_count_per_instance=2),
    )
    assert done.status == "Completed", done.error
    assert len(done.nodes) == 2
    lines = sorted(text(client, done.name).splitlines())
    assert [line.partition(" at ")[0] for line in lines] == [
        "0 of 4 on node 0 local 0",
        "1 of 4 on node 0 local 1",
        "2 of 4 on node 1 local 0",
        "3 of 4 on node 1 local 1",
    ]
    assert all(line.partition(" at ")[2] for line in lines)


def test_when_one_of_two_nodes_fails_the_other_ends(client: Client) -> None:
    client.compute.create(AmlCompute(name="pair-of", size=rehearsal(client), max_instances=2))
    done = run(
        client,
        "test $NODE_RANK = 0 && exit 7; sleep 60",
        compute="pair-of",
        instance_count=2,
        distribution=Distribution(type="pytorch"),
    )
    assert (done.status, done.exit_code) == ("Failed", 7)


def test_more_nodes_than_there_can_be_are_refused(client: Client) -> None:
    with pytest.raises(Invalid) as refused:
        client.jobs.create(CommandJob(command="echo", instance_count=2))
    assert "Nothing was started" in refused.value.hint


# -- usage and quota -------------------------------------------------------------------------


def test_usage_names_its_holders_and_the_quota_refuses(client: Client) -> None:
    size = next(s for s in client.compute.sizes("amlcompute").value if s.name == rehearsal(client))
    client.compute.create(AmlCompute(name="cpu-cluster", size=size.name, min_instances=1))
    eventually_sync(lambda: client.compute.get("cpu-cluster").current_nodes == 1)
    rows = [row for row in client.compute.usage().value if row.holders]
    assert any("cpu-cluster" in holder for row in rows for holder in row.holders)
    with pytest.raises(QuotaExceeded) as refused:
        client.compute.create(AmlCompute(name="too-many", size=size.name, max_instances=100))
    assert refused.value.hint
    assert "too-many" not in [found.name for found in client.compute.list().value]


def test_a_size_bigger_than_the_machine_is_refused(client: Client) -> None:
    with pytest.raises((Invalid, NotFound)) as refused:
        client.compute.create(AmlCompute(name="giant", size="local.4096cpu-8192gb"))
    assert refused.value.hint


# -- code, inputs, outputs -------------------------------------------------------------------


def test_a_job_finds_its_code_inputs_and_outputs(client: Client, tmp_path: Path) -> None:
    code = tmp_path / "src"
    (code / "data").mkdir(parents=True)
    (code / "keep.txt").write_text("kept")
    (code / "data" / "big.bin").write_text("left at home")
    (code / ".amlignore").write_text("data/\n")
    numbers = tmp_path / "numbers.csv"
    numbers.write_text("1,2\n")
    done = run(
        client,
        "ls; cp ${{inputs.numbers}} ${{outputs.model}}/copy.csv; echo ${{inputs.rate}}",
        code=str(code),
        inputs={"numbers": Input(path=str(numbers), type="uri_file"), "rate": 0.5},
        outputs={"model": Output()},
    )
    assert done.status == "Completed", done.error
    # Azure's outputs/ and logs/ are there too.
    assert text(client, done.name).split() == ["keep.txt", "logs", "outputs", "0.5"]
    assert (Path(done.outputs["model"]) / "copy.csv").read_text() == "1,2\n"


def test_a_misspelt_expression_is_refused(client: Client) -> None:
    with pytest.raises(Invalid) as refused:
        client.jobs.create(CommandJob(command="echo ${{inputs.nmae}}", inputs={"name": "x"}))
    assert "nmae" in refused.value.message


def test_a_timeout_ends_the_job_and_says_so(client: Client) -> None:
    done = run(client, "sleep 60", timeout=0.3)
    assert (done.status, done.status_reason) == ("Canceled", "Timeout")
    assert done.error is not None
    assert "--timeout" in done.error.hint


def test_a_timeout_outlives_the_service_that_set_it(
    aml_service: ServiceProcess, client: Client
) -> None:
    job = client.jobs.create(CommandJob(command="echo up; sleep 60", timeout=3))
    prints(client, job.name, "up")
    aml_service.kill()
    aml_service.start()
    done = ended(client, job.name)
    assert (done.status, done.status_reason) == ("Canceled", "Timeout")
    assert done.receipt is not None
    assert 2.5 < done.receipt.seconds < 30, "the time before the kill counts"


def test_retries_stop_at_the_first_attempt_that_goes_well(client: Client) -> None:
    done = run(client, "test $JUPYTER_AML_ATTEMPT = 3", retries=5)
    assert (done.status, done.attempt) == ("Completed", 3)


# -- sessions --------------------------------------------------------------------------------


def test_a_session_keeps_its_state_and_ends_when_asked(client: Client) -> None:
    def cell(source: str) -> Job:
        return ended(client, client.jobs.create(CellJob(source=source, session="mine")).name)

    assert cell("x = 41").status == "Completed"
    shown = cell("print(x + 1)")
    assert text(client, shown.name) == "42\n"
    assert [session.name for session in client.sessions.list().value] == ["mine"]
    client.sessions.delete("mine")
    eventually_sync(lambda: not client.sessions.list().value)
    assert cell("print(x)").status == "Failed", "it is a new process"


def two_nodes(client: Client) -> None:
    client.compute.create(
        AmlCompute(name="cpu-cluster", size=small(client), min_instances=2, max_instances=2)
    )
    eventually_sync(lambda: client.compute.get("cpu-cluster").idle_nodes == 2)


def test_cells_of_one_session_sent_at_once_share_one_process(client: Client) -> None:
    two_nodes(client)
    source = "import os; print(os.getpid())"
    spec = CellJob(source=source, session="mine", compute="cpu-cluster")
    with ThreadPoolExecutor(6) as pool:
        jobs = list(pool.map(lambda _: client.jobs.create(spec), range(6)))
    assert {ended(client, job.name).status for job in jobs} == {"Completed"}
    assert len({text(client, job.name) for job in jobs}) == 1


def test_an_idle_session_holds_up_nobody(client: Client) -> None:
    client.compute.create(AmlCompute(name="cpu-cluster", size=small(client), max_instances=1))
    spec = CellJob(source="x = 41", session="mine", compute="cpu-cluster")
    assert ended(client, client.jobs.create(spec).name).status == "Completed"
    assert run(client, "echo beside it", compute="cpu-cluster").status == "Completed"
    spec = CellJob(source="print(x + 1)", session="mine", compute="cpu-cluster")
    shown = ended(client, client.jobs.create(spec).name)
    assert text(client, shown.name) == "42\n", "and the session is still there"


# -- the end of the service --------------------------------------------------------------------


def test_a_forced_stop_leaves_no_node_of_a_cluster_with_a_minimum(
    client: Client, aml_service: ServiceProcess
) -> None:
    two_nodes(client)
    third = AmlCompute(name="more", size=rehearsal(client), min_instances=2, max_instances=2)
    client.compute.create(third)  # its nodes are still on their way when the stop comes
    aml_service.stop()
    assert not aml_service.left_over()
