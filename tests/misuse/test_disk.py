"""A disk that fills up, or takes nothing any more, below a service that works."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from jupyter_aml.client import connect
from jupyter_aml.model.errors import StorageFull
from jupyter_aml.model.job import CommandJob
from jupyter_aml.testing.service import ServiceProcess
from jupyter_aml.testing.waiting import eventually_sync
from tests.misuse.following import ended, text


def _fill(folder: Path) -> Path:
    """Leave no room; the file to delete to make some."""
    ballast = folder / "ballast"
    with open(ballast, "wb", buffering=0) as file:
        for size in (1 << 16, 1 << 12):
            try:
                while True:
                    file.write(b"x" * size)
            except OSError:
                continue
    return ballast


def test_a_full_disk_is_said_and_a_running_job_loses_nothing(
    service_on_small_disk: ServiceProcess, small_disk: Path, tmp_path: Path
) -> None:
    client = connect(home=service_on_small_disk.home, start=False)
    gate = tmp_path / "gate"
    wait = f"while [ ! -e {gate} ]; do sleep 0.01; done"
    running = client.jobs.create(CommandJob(command=f"echo before; {wait}; echo after"))
    eventually_sync(lambda: text(client, running.name) == "before\n")
    ballast = _fill(small_disk)
    with pytest.raises(StorageFull) as refused:
        client.jobs.create(CommandJob(command="echo another"), name="another")
    assert "is full" in refused.value.message
    assert "df -h" in refused.value.hint
    ballast.unlink()
    gate.touch()
    assert ended(client, running.name).status == "Completed"
    assert text(client, running.name) == "before\nafter\n"
    again = client.jobs.create(CommandJob(command="echo another"), name="another")
    assert ended(client, again.name).status == "Completed"
    client.close()


def test_a_disk_that_became_read_only_is_said(
    service_on_small_disk: ServiceProcess, small_disk: Path
) -> None:
    client = connect(home=service_on_small_disk.home, start=False)
    done = client.jobs.create(CommandJob(command="echo kept"))
    ended(client, done.name)
    with pytest.raises(StorageFull) as refused:
        _refused_by(client, small_disk)
    assert refused.value.hint
    assert text(client, done.name) == "kept\n", "what is there can be read"
    client.close()


def _refused_by(client: object, disk: Path) -> None:
    """Take the right to write away from the folder of jobs, which binds root too."""
    jobs = disk / "home" / "jobs"
    subprocess.run(["mount", "--bind", str(jobs), str(jobs)], check=True)
    try:
        subprocess.run(["mount", "-o", "remount,ro,bind", str(jobs)], check=True)
        client.jobs.create(CommandJob(command="echo more"))  # type: ignore[attr-defined]  # a Client
    finally:
        subprocess.run(["umount", "--lazy", str(jobs)], check=True)
