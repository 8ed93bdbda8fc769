"""Processes that are told from others by their pid and start time."""

from __future__ import annotations

import subprocess
import sys

import psutil

from jupyter_aml.service.backends.local.nodes import processes


def test_those_that_are_ended_are_gone_and_nobody_else_is() -> None:
    """A start time tells a process from another that has got its number."""
    with (
        subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as one,
        subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as other,
    ):
        began = psutil.Process(one.pid).create_time()
        processes.end_all([(one.pid, began), (other.pid, began - 3600)])
        assert not processes.alive(one.pid, began)
        assert other.poll() is None
        other.kill()
