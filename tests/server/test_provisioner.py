"""The provisioner against a service that does as it is told."""

from __future__ import annotations

import asyncio
import json
import signal
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from jupyter_client.kernelspec import KernelSpec

from jupyter_aml.model.errors import ComputeNotRunning, NotFound, ServiceNotRunning, Unavailable
from jupyter_aml.model.kernel import Kernel, StartKernel
from jupyter_aml.server.kernels.provisioner import InstanceProvisioner
from jupyter_aml.testing.waiting import eventually

CONNECTION = {"key": "abc", "ip": "127.0.0.1", "shell_port": 1, "transport": "tcp"}


class Service:
    """The facet ``kernels``: `answers` are given one after the other, the last one for ever."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "connection.json"
        self.file.write_text(json.dumps(CONNECTION))
        self.started: list[StartKernel] = []
        self.ended = 0
        self.answers: list[Callable[[], Kernel]] = []

    def kernel(self, state: Any = "idle", **fields: Any) -> Kernel:
        told = {"name": "k", "job": "j", "compute": "inst", "connection_file": str(self.file)}
        return Kernel(**told, state=state, **fields)

    def will(self, *answers: Kernel | Exception) -> None:
        self.answers = [lambda one=one: _given(one) for one in answers]

    async def start(self, body: StartKernel) -> Kernel:
        self.started.append(body)
        return self._next()

    async def was_started_again(self) -> bool:
        return len(self.started) == 2

    async def get(self, _name: str) -> Kernel:
        return self._next()

    async def end(self, _name: str) -> Kernel:
        self.ended += 1
        return self.kernel("ended")

    def _next(self) -> Kernel:
        return self.answers.pop(0)() if len(self.answers) > 1 else self.answers[0]()


def _given(answer: Kernel | Exception) -> Kernel:
    if isinstance(answer, Exception):
        raise answer
    return answer


@pytest.fixture
def service(tmp_path: Path) -> Service:
    return Service(tmp_path)


@pytest.fixture
def provisioner(service: Service) -> InstanceProvisioner:
    spec = KernelSpec(argv=["python", "-m", "x"], language="python", env={"OWN": "1"})
    made = InstanceProvisioner(kernel_id="k", kernel_spec=spec, compute="inst")
    made._requests = service
    return made


async def launch(provisioner: InstanceProvisioner, **kwargs: Any) -> Any:
    kwargs = await provisioner.pre_launch(**kwargs)
    return await provisioner.launch_kernel(kwargs.pop("cmd"), **kwargs)


async def test_a_start_waits_until_the_kernel_takes_requests(
    service: Service, provisioner: InstanceProvisioner
) -> None:
    service.will(service.kernel("starting"), service.kernel("starting"), service.kernel("idle"))
    env = {"JPY_SESSION_NAME": "/n/a.ipynb", "SECRET": "s", "PATH": "/bin"}
    info = await launch(provisioner, env=env, cwd="/n")
    assert info["key"] == b"abc"
    assert provisioner.has_process
    [asked] = service.started
    assert (asked.name, asked.compute, asked.notebook, asked.cwd) == (
        "k",
        "inst",
        "/n/a.ipynb",
        "/n",
    )
    assert asked.environment_variables == {"OWN": "1", "JPY_SESSION_NAME": "/n/a.ipynb"}


async def test_a_kernel_that_does_not_start_is_raised_with_its_reason(
    service: Service, provisioner: InstanceProvisioner
) -> None:
    service.will(service.kernel("starting"), service.kernel("ended", reason="Out of memory."))
    with pytest.raises(ComputeNotRunning, match="Out of memory"):
        await launch(provisioner)
    assert not provisioner.has_process


async def test_a_start_that_is_given_up_leaves_no_kernel_behind(
    service: Service, provisioner: InstanceProvisioner
) -> None:
    service.will(service.kernel("starting"))
    provisioner.start_seconds = 0.0
    with pytest.raises(ComputeNotRunning, match="did not answer"):
        await launch(provisioner)
    assert service.ended == 1

    provisioner.start_seconds = 60.0
    start = asyncio.create_task(launch(provisioner))
    await eventually(service.was_started_again)
    start.cancel()
    with pytest.raises(asyncio.CancelledError):
        await start
    assert service.ended == 2


async def test_a_kernel_that_was_there_before_is_never_ended_by_a_start(
    service: Service, provisioner: InstanceProvisioner
) -> None:
    service.will(service.kernel("busy"))
    service.file.unlink()
    with pytest.raises(FileNotFoundError):
        await launch(provisioner)
    assert service.ended == 0


@pytest.mark.parametrize(
    "answer", [Unavailable("It does not answer."), OSError("broken"), ConnectionError("gone")]
)
async def test_while_nobody_can_say_the_kernel_lives(
    service: Service, provisioner: InstanceProvisioner, answer: Exception
) -> None:
    service.will(service.kernel())
    await launch(provisioner)
    service.will(answer)
    assert await provisioner.poll() is None


def managed(provisioner: InstanceProvisioner) -> Any:
    """Stands for the kernel's manager, with jupyter_client's restarter."""
    manager = SimpleNamespace(_restarter=SimpleNamespace(restart_limit=5), reason="")
    provisioner.__dict__["_trait_values"]["parent"] = manager
    return manager


@pytest.mark.parametrize(
    ("answer", "code", "reason", "restarts"),
    [
        (("ended", {"reason": "Out of memory.", "exit_code": None}), 1, "Out of memory.", 5),
        (("ended", {"reason": "It was shut down.", "exit_code": 0}), 0, "It was shut down.", 5),
        (("ended", {"reason": "inst was stopped.", "can_restart": False}), 1, "inst was", 0),
        (NotFound("No kernel."), 1, "Nobody knows", 5),
        (ServiceNotRunning("Stopped."), 1, "The compute service was stopped.", 0),
    ],
)
async def test_an_end_is_told_and_restarted_only_where_that_can_work(
    service: Service,
    provisioner: InstanceProvisioner,
    answer: Any,
    code: int,
    reason: str,
    restarts: int,
) -> None:
    service.will(service.kernel())
    await launch(provisioner)
    manager = managed(provisioner)
    told = answer if isinstance(answer, Exception) else service.kernel(answer[0], **answer[1])
    service.will(told)
    assert await provisioner.poll() == code
    assert manager.reason.startswith(reason)
    assert manager._restarter.restart_limit == restarts
    assert await provisioner.wait() == code
    assert not provisioner.has_process


async def test_signals_that_end_it_end_it_and_others_do_nothing(
    service: Service, provisioner: InstanceProvisioner
) -> None:
    service.will(service.kernel())
    await launch(provisioner)
    await provisioner.send_signal(signal.SIGINT)
    await provisioner.send_signal(0)
    assert service.ended == 0
    await provisioner.send_signal(signal.SIGTERM)
    await provisioner.kill()
    await provisioner.terminate(restart=True)
    assert service.ended == 3


async def test_one_that_was_let_go_is_not_ended_any_more(
    service: Service, provisioner: InstanceProvisioner
) -> None:
    service.will(service.kernel())
    await launch(provisioner)
    provisioner.let_go()
    await provisioner.kill()
    assert await provisioner.poll() is None
    assert service.ended == 0


async def test_its_state_can_be_carried_to_another_process(
    service: Service, provisioner: InstanceProvisioner
) -> None:
    service.will(service.kernel())
    await launch(provisioner)
    info = await provisioner.get_provisioner_info()
    assert info["compute"] == "inst"
    other = InstanceProvisioner(kernel_id="", kernel_spec=provisioner.kernel_spec)
    other._requests = service
    await other.load_provisioner_info(info)
    assert other.has_process
    assert (other.kernel_id, other.compute) == ("k", "inst")
    assert other.connection_info["key"] == b"abc"
