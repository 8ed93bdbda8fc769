"""``%%aml --check`` and errors with a way out, over a real service."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from jupyter_aml.client import Client, connect
from jupyter_aml.kernel.notebook import Notebook
from jupyter_aml.kernel.shell import NOTEBOOK
from jupyter_aml.testing.plugin import aml_home, aml_service
from jupyter_aml.testing.service import ServiceProcess
from tests.kernel.conftest import RecordingShell

__all__ = ["aml_home", "aml_service"]


@pytest.fixture
def real(shell: RecordingShell, aml_service: ServiceProcess) -> Iterator[Client]:
    """The shell's notebook over a real service."""
    client = connect(home=aml_service.home, start=False)
    setattr(shell, NOTEBOOK, Notebook(client))
    yield client
    client.close()


def test_a_check_shows_both_halves_and_runs_nothing(shell: RecordingShell, real: Client) -> None:
    shell.do("a = [1, 2, 3]\nlog = open('x.txt', 'w')")
    result = shell.do("%%aml --check\nimport nowhere_at_all\nprint(a, log)\n")
    assert shell.raised is None
    text = str(result)
    assert "nowhere_at_all is not in kernel" in text
    assert "log is an open file" in text
    assert "local: this machine" in text
    assert "2 things to fix before it can run" in text
    assert real.jobs.list().value == []
    shell.do("log.close()")


def test_a_cell_s_error_ends_with_cause_and_fix(shell: RecordingShell, real: Client) -> None:
    Path("steps.py").write_text("import nowhere_at_all\n")
    shell.do("%%aml\nimport steps\n")
    assert type(shell.raised).__name__ == "ModuleNotFoundError"
    shown = "\n".join(shell.raised._render_traceback_())  # type: ignore[union-attr]
    assert "Cause: The environment kernel has no module nowhere_at_all." in shown
    assert "Fix: Install nowhere-at-all" in shown
    assert real.jobs.list().value[0].cause == "nowhere_at_all is missing, line 2"
