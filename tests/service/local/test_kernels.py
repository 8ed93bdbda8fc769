"""Kernels on an instance, with a real service, as jupyter_client starts them."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest
from jupyter_client import BlockingKernelClient

from jupyter_aml.client import Client
from jupyter_aml.model.compute import AmlCompute, ComputeInstance
from jupyter_aml.model.errors import Conflict, Invalid, NotFound
from jupyter_aml.model.job import CommandJob, KernelJob
from jupyter_aml.model.kernel import Kernel, StartKernel
from jupyter_aml.testing.service import ServiceProcess
from jupyter_aml.testing.waiting import eventually_sync

SECONDS = 90.0

pytestmark = pytest.mark.timeout(300)


@pytest.fixture
def instance(client: Client) -> str:
    client.compute.create(ComputeInstance(name="my-inst", size="local.1cpu-2gb"))
    eventually_sync(lambda: client.compute.get("my-inst").state == "Running")
    return "my-inst"


def start(client: Client, compute: str, name: str = "k1", **fields: Any) -> Kernel:
    client.kernels.start(
        StartKernel(name=name, compute=compute, python=sys.executable, **fields),
    )
    return eventually_sync(lambda: idle(client, name), seconds=SECONDS)


def idle(client: Client, name: str) -> Kernel | None:
    found = client.kernels.get(name)
    assert found.state != "ended", found
    return found if found.state == "idle" else None


def ended(client: Client, name: str) -> Kernel:
    def look() -> Kernel | None:
        found = client.kernels.get(name)
        return found if found.state == "ended" else None

    return eventually_sync(look, seconds=SECONDS)


@contextmanager
def connected(kernel: Kernel) -> Iterator[BlockingKernelClient]:
    client = BlockingKernelClient()
    client.load_connection_file(kernel.connection_file)
    client.start_channels()
    try:
        client.wait_for_ready(timeout=SECONDS)
        yield client
    finally:
        client.stop_channels()
        client.context.destroy(linger=0)


def run(kernel: Kernel, source: str) -> str:
    """What `source` prints there."""
    said: list[str] = []

    def hear(message: dict[str, Any]) -> None:
        content = message["content"]
        said.append(content.get("text", "") or "\n".join(content.get("traceback", [])))

    with connected(kernel) as client:
        client.execute_interactive(source, output_hook=hear, timeout=SECONDS)
    return "".join(said)


LOOK = """
import os, sys
print(os.getcwd())
print(len(os.sched_getaffinity(0)) if hasattr(os, 'sched_getaffinity') else 1)
print(os.environ['OMP_NUM_THREADS'], os.environ['JUPYTER_AML_HOME'], os.environ['GREETING'])
print('JUPYTER_AML_JOB' in os.environ, 'TOKEN_OF_A_HUB' in os.environ, sys.executable)
"""


def test_a_kernel_has_the_place_of_its_instance_and_drives_other_compute(
    client: Client, instance: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOKEN_OF_A_HUB", "secret")
    kernel = start(
        client,
        instance,
        cwd=str(tmp_path),
        notebook=str(tmp_path / "train.ipynb"),
        environment_variables={"GREETING": "hello"},
    )
    where, cpus, variables, flags = run(kernel, LOOK).splitlines()
    assert Path(where) == tmp_path
    assert cpus == "1"
    assert variables == f"1 {client.home} hello"
    assert flags == f"False False {sys.executable}"

    path = Path(kernel.connection_file)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    job = client.jobs.get(kernel.job)
    assert isinstance(job.spec, KernelJob)
    assert (job.status, job.spec.display_name) == ("Running", "Kernel of train.ipynb")
    key = path.read_text().split('"key": "')[1].split('"')[0]
    for process in psutil.process_iter(["cmdline"]):
        assert key not in " ".join(process.info["cmdline"] or [])

    # Its instance has one core and so one place, which is free for a job of the notebook.
    sent = "%load_ext jupyter_aml"
    assert run(kernel, sent) == ""
    said = run(kernel, f"%%aml -c {instance} --no-out\nimport os\nprint('from', os.getpid())")
    assert "from " in said, said

    again = client.kernels.start(StartKernel(name="k1", compute=instance))
    assert again.job == kernel.job
    with pytest.raises(Conflict):
        client.kernels.start(StartKernel(name="k1", compute="other"))
    client.kernels.delete("k1")
    assert ended(client, "k1").reason == "It was shut down."
    assert client.kernels.list().value == []


def test_a_kernel_outlives_the_service_and_ends_with_its_instance(
    client: Client, instance: str, aml_service: ServiceProcess
) -> None:
    kernel = start(client, instance)
    run(kernel, "x = 42")
    aml_service.kill()
    assert run(kernel, "print(x)") == "42\n"
    aml_service.start()
    eventually_sync(lambda: idle(client, "k1"), seconds=SECONDS)
    assert [one.name for one in client.kernels.list().value] == ["k1"]
    assert client.service.status().running.get("kernels") == 1
    specs = client.home / "kernelspecs" / "kernels"
    assert [path.name for path in specs.iterdir()] == ["jupyter-aml-my-inst"]

    client.compute.stop(instance)
    last = ended(client, "k1")
    assert last.reason == "my-inst was stopped."
    assert not last.can_restart
    assert list(specs.iterdir()) == []


def test_a_restart_keeps_ports_and_key_and_forgets_the_variables(
    client: Client, instance: str
) -> None:
    kernel = start(client, instance)
    before = Path(kernel.connection_file).read_bytes()
    run(kernel, "x = 42")
    client.kernels.delete("k1")
    second = start(client, instance)  # asked for while the first is still ending
    assert second.job != kernel.job
    assert Path(second.connection_file).read_bytes() == before
    assert "NameError" in run(second, "print(x)")
    client.kernels.delete("k1")
    ended(client, "k1")


@pytest.mark.skipif(sys.platform != "linux", reason="limits are enforced on Linux")
def test_a_kernel_that_needs_too_much_says_so(client: Client, instance: str) -> None:
    kernel = start(client, instance)
    with connected(kernel) as to_it:
        to_it.execute("import os\nheap = [os.urandom(1 << 20) * 64 for _ in range(64)]")
        last = ended(client, "k1")
    assert last.reason.startswith("Out of memory: the job used ")
    assert last.can_restart
    assert client.jobs.get(kernel.job).status_reason == "OutOfMemory"


def test_a_kernel_that_cannot_start_says_why(client: Client, instance: str) -> None:
    fake = client.home / "no-python"
    fake.write_text("#!/bin/sh\necho there is no ipykernel >&2\nexit 1\n")
    os.chmod(fake, 0o700)
    client.kernels.start(StartKernel(name="k1", compute=instance, python=str(fake)))
    last = ended(client, "k1")
    assert last.reason == "The command ended with exit code 1."
    assert last.exit_code == 1


def test_what_runs_no_kernel_is_refused(client: Client) -> None:
    client.compute.create(AmlCompute(name="cluster-a", size="local.1cpu-2gb"))
    for compute in ("local", "cluster-a"):
        with pytest.raises(Invalid, match="compute instance"):
            client.kernels.start(StartKernel(name="k1", compute=compute))
    with pytest.raises(NotFound):
        client.kernels.start(StartKernel(name="k1", compute="nowhere"))
    with pytest.raises(Invalid):
        client.kernels.start(StartKernel(name="../../k1", compute="local"))
    with pytest.raises(NotFound):
        client.kernels.get("k1")
    assert not (client.home / "kernels").exists()
    assert client.jobs.create(CommandJob(command="true")).status
