"""A package index in a folder, and what is needed to build from it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.service.environments import packages


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of wheels. Neither the machine's settings of pip and uv nor a network are used."""
    for name in ("PIP_FIND_LINKS", "PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "UV_FIND_LINKS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("UV_NO_CONFIG", "1")
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "uv-cache"))
    folder = tmp_path / "index"
    folder.mkdir()
    packages.for_the_runner(folder)
    packages.wheel(folder, "tiny")
    packages.wheel(folder, "tiny", "2.0")
    return folder
