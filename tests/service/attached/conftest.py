"""A machine that `ssh` reaches: the fake program, everything behind it real."""

from __future__ import annotations

from pathlib import Path

import pytest

from jupyter_aml.testing.fake_ssh import Machine, install


@pytest.fixture
def there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    """The only machine there is: every name of a host leads to it, but for those that fail."""
    machine = install(tmp_path / "there")
    monkeypatch.setenv("PATH", machine.path)
    return machine
