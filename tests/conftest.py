"""What every test gets: a home of its own, and a check that it left nothing running."""

from __future__ import annotations

import os
import shutil
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import psutil
import pytest
from hypothesis.internal.conjecture import providers

from jupyter_aml.client.home import pool_folder, run_folder

# The same examples in every run: no test depends on luck. HYPOTHESIS_PROFILE=fresh
# looks for new ones.
hypothesis.settings.register_profile("same", deadline=None, derandomize=True, database=None)
hypothesis.settings.register_profile("fresh", deadline=None, max_examples=1000)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "same"))


def _no_constants() -> providers.Constants:
    return providers.Constants()


if hypothesis.settings.get_current_profile_name() == "same":
    # Derandomized, it still tries constants of our modules that happen to be loaded: which ones
    # depends on what ran before in the same process.
    assert callable(providers._get_local_constants)
    providers._get_local_constants = _no_constants

GRACE_SECONDS = 30.0
# Threads that libraries keep on purpose, by the start of their names.
KEPT_THREADS = ("pydevd", "tqdm", "IPythonHistorySavingThread", "execnet", "Tornado selector")


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """This test's ``JUPYTER_AML_HOME``. Processes that still use it afterwards fail the test."""
    path = tmp_path / "home"
    monkeypatch.setenv("JUPYTER_AML_HOME", str(path))
    # Kernels that share a history find it locked now and then, and say so in a cell's output.
    monkeypatch.setenv("IPYTHONDIR", f"{tmp_path}-ipython")
    yield path
    if path.exists():
        left = _end(_processes_of(path))
        assert not left, f"left running: {left}"
        for outside in (run_folder(path), pool_folder(path)):
            shutil.rmtree(outside, ignore_errors=True)  # of a service that was killed


@pytest.fixture(autouse=True)
def _no_thread_left() -> Iterator[None]:
    before = set(threading.enumerate())
    yield
    deadline = time.monotonic() + GRACE_SECONDS
    while left := _new_threads(before):
        if time.monotonic() > deadline:
            pytest.fail(f"threads left running: {left}")
        time.sleep(0.01)


def _new_threads(before: set[threading.Thread]) -> list[str]:
    return [
        thread.name
        for thread in threading.enumerate()
        if thread not in before and not thread.name.startswith(KEPT_THREADS)
    ]


def _processes_of(home: Path) -> list[psutil.Process]:
    """Every process of this machine that was started with `home`, zombies aside."""
    found: list[psutil.Process] = []
    for process in psutil.process_iter():
        if process.pid == os.getpid():
            continue
        try:
            if process.environ().get("JUPYTER_AML_HOME") == str(home):
                found.append(process)
        except (psutil.Error, OSError):
            continue  # another user's, a zombie, or gone by now
    return found


def _end(processes: list[psutil.Process]) -> list[str]:
    """Wait a little for what is on its way out; kill, and describe, what is not."""
    _, alive = psutil.wait_procs(processes, timeout=GRACE_SECONDS)
    described: list[str] = []
    for process in alive:
        try:
            described.append(f"{process.pid} {' '.join(process.cmdline())[:200]}")
            process.kill()
        except psutil.Error:
            continue
    return described
