"""Real services under the hands of somebody who does everything wrong."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from jupyter_aml.client import Client, connect
from jupyter_aml.testing.plugin import aml_home, aml_service, backend_parts, fake_service
from jupyter_aml.testing.service import ServiceProcess

__all__ = ["aml_home", "aml_service", "backend_parts", "fake_service"]


@pytest.fixture
def client(aml_service: ServiceProcess) -> Iterator[Client]:
    """A client of a real service on this test's home."""
    found = connect(home=aml_service.home, start=False)
    yield found
    found.close()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of eight megabytes. Needs the right to mount one."""
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=8m,mode=700", "none", str(folder)]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("no disk may be mounted here")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.fixture
def service_on_small_disk(
    small_disk: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[ServiceProcess]:
    home = small_disk / "home"
    monkeypatch.setenv("JUPYTER_AML_HOME", str(home))
    with ServiceProcess(home) as service:
        yield service
