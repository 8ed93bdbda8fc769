"""What the service keeps of kernels on disk, and when an instance with kernels is idle."""

from __future__ import annotations

import json
import math
import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from jupyter_client.kernelspec import KernelSpecManager

from jupyter_aml.model.compute import ComputeInstance
from jupyter_aml.service.backends.local.kernels import activity, files
from jupyter_aml.service.backends.local.kernels.specs import KernelSpecs
from jupyter_aml.service.backends.local.nodes.instances import Instances


def specs_in(home: Path) -> dict[str, Any]:
    """As Jupyter finds them."""
    manager = KernelSpecManager(
        kernel_dirs=[str(home / "kernelspecs" / "kernels")], ensure_native_kernel=False
    )
    return {name: found["spec"] for name, found in manager.get_all_specs().items()}


def test_kernelspecs_follow_the_instances(tmp_path: Path) -> None:
    specs = KernelSpecs(tmp_path)
    specs.sync([("Big-One", "Standard_E4s_v3"), ("other", "")])
    found = specs_in(tmp_path)
    assert sorted(found) == ["jupyter-aml-big-one", "jupyter-aml-other"]
    one = found["jupyter-aml-big-one"]
    assert one["display_name"] == "Python on Big-One (Standard_E4s_v3)"
    assert one["interrupt_mode"] == "message"
    assert one["metadata"]["kernel_provisioner"] == {
        "provisioner_name": "jupyter-aml",
        "config": {"compute": "Big-One"},
    }
    specs.sync([("other", "")])
    assert sorted(specs_in(tmp_path)) == ["jupyter-aml-other"]


def test_what_a_killed_service_left_is_cleared_away(tmp_path: Path) -> None:
    KernelSpecs(tmp_path).sync([("gone", "")])
    KernelSpecs(tmp_path).sync([])
    assert specs_in(tmp_path) == {}


def test_a_pulse_is_there_once_the_kernel_takes_requests(tmp_path: Path) -> None:
    assert files.pulse(tmp_path) is None
    (tmp_path / "pulse").touch()  # made, and nothing said yet
    assert files.pulse(tmp_path) is None
    (tmp_path / "pulse").write_bytes(b"busy")
    os.utime(tmp_path / "pulse", (50, 50))
    assert files.pulse(tmp_path) == files.Pulse("busy", 50)


def test_old_folders_of_kernels_go_and_living_ones_stay(tmp_path: Path) -> None:
    for name in ("old", "living", "new"):
        folder = files.folder(tmp_path, name)
        folder.mkdir(parents=True)
        (folder / "connection.json").write_text(json.dumps({}))
        if name != "new":
            os.utime(folder, (1, 1))
    files.sweep(tmp_path, {"living"})
    assert sorted(path.name for path in (tmp_path / "kernels").iterdir()) == ["living", "new"]


class Instance:
    """An instance with kernels, each known by its pulse, at 1000 s of the clock."""

    def __init__(self, folder: Path, **pulses: tuple[str, float] | None) -> None:
        self.engine: Any = SimpleNamespace(clock=SimpleNamespace(time=lambda: 1000.0), jobs={})
        node = SimpleNamespace(jobs=set(pulses), beside=set(pulses), sessions={})
        spec = ComputeInstance(name="inst-a", idle_time_before_shutdown_minutes=10)
        compute = SimpleNamespace(spec=spec, state="Running")
        self.live: Any = SimpleNamespace(nodes={"n": node}, queue={}, compute=compute, idle_since=0)
        self.node = node
        for name, pulse in pulses.items():
            attempt = folder / name
            attempt.mkdir()
            if pulse is not None:
                (attempt / "pulse").write_text(pulse[0])
                os.utime(attempt / "pulse", (pulse[1], pulse[1]))
            layout = SimpleNamespace(attempt=lambda _number, path=attempt: path)
            self.engine.jobs[name] = SimpleNamespace(layout=layout, job=SimpleNamespace(attempt=1))

    def quiet(self) -> float:
        return activity.quiet_seconds(self.engine, self.live)

    def seconds_left(self, now: float) -> float | None:
        """Until the idle shutdown, at `now` of the monotonic clock."""
        return Instances(self.engine).seconds_to_shutdown(self.live, now)

    def is_busy(self) -> bool:
        return activity.is_busy(self.engine, self.live)


def test_a_kernel_that_waits_for_its_next_cell_keeps_no_instance(tmp_path: Path) -> None:
    instance = Instance(tmp_path, a=("idle", 400.0), b=("idle", 900.0))
    assert instance.quiet() == 100.0
    assert not instance.is_busy()


def test_a_kernel_that_runs_a_cell_or_starts_keeps_its_instance(tmp_path: Path) -> None:
    running = Instance(tmp_path, a=("idle", 400.0), b=("busy", 1.0))
    assert running.quiet() == 0.0
    assert running.is_busy()
    starting = Instance(tmp_path, c=None)
    assert starting.is_busy()


def test_without_kernels_only_jobs_and_sessions_count(tmp_path: Path) -> None:
    instance = Instance(tmp_path)
    assert instance.quiet() == math.inf
    assert not instance.is_busy()
    instance.node.jobs = {"a-job"}
    assert instance.is_busy()


def test_the_idle_time_of_an_instance_counts_from_the_last_cell(tmp_path: Path) -> None:
    quiet = Instance(tmp_path, a=("idle", 900.0))
    assert quiet.seconds_left(5000.0) == 600.0 - 100.0
    quiet.live.idle_since = 4950.0  # a job ended after that cell
    assert quiet.seconds_left(5000.0) == 550.0
    quiet.node.jobs.add("a-job")
    assert quiet.seconds_left(5000.0) is None
    running = Instance(tmp_path, b=("busy", 1.0))
    assert running.seconds_left(5000.0) == 600.0
    assert Instance(tmp_path).seconds_left(5000.0) == -4400.0
