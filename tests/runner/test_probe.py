"""What the probe says of this machine, and of machines it is made to see."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from jupyter_aml.runner import gpu, probe


def test_the_probe_prints_one_json_line() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "jupyter_aml.runner", "probe"],
        capture_output=True,
        text=True,
        check=True,
    )
    found = json.loads(done.stdout)
    assert found["cpus"] == sorted(os.sched_getaffinity(0))
    assert 1e8 < found["memory"] <= os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    assert found["disk_free"] > 0
    assert found["executable"] == sys.executable


@pytest.mark.parametrize(
    ("text", "limit"),
    [("2147483648\n", 2147483648), ("max\n", 0), ("9223372036854771712\n", 0), (None, 0)],
)
def test_a_containers_limit_counts(tmp_path: Path, text: str | None, limit: int) -> None:
    path = tmp_path / "memory.max"
    if text is not None:
        path.write_text(text)
    assert probe._limit(str(path)) == limit


def test_the_least_is_what_there_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "limit").write_text("1000000")
    monkeypatch.setattr(probe, "_CGROUP_LIMITS", (str(tmp_path / "limit"), "/nowhere"))
    assert probe.memory() == 1_000_000


@pytest.fixture
def nvidia_smi(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    program = tmp_path / "nvidia-smi"
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    return program


def test_gpus_are_listed(nvidia_smi: Path) -> None:
    nvidia_smi.write_text("#!/bin/sh\necho '0, Tesla T4, 15360'\necho '1, Tesla T4, 15360'\n")
    nvidia_smi.chmod(0o755)
    assert probe.gpus() == [
        {"id": "0", "model": "Tesla T4", "memory": 15360 << 20},
        {"id": "1", "model": "Tesla T4", "memory": 15360 << 20},
    ]


def test_a_driver_that_fails_means_no_gpus(nvidia_smi: Path) -> None:
    nvidia_smi.write_text("#!/bin/sh\necho 'driver/library version, mismatch, 1'\nexit 18\n")
    nvidia_smi.chmod(0o755)
    assert probe.gpus() == []


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        ("50, 1024\n100, 2048\n", {"gpu": 0.75, "gpuMemoryBytes": 3072 << 20}),
        ("[N/A], 1024\n", {}),
        ("", {}),
    ],
)
def test_gpu_answers_are_read(answer: str, found: dict[str, float]) -> None:
    assert gpu.parse(answer) == found
