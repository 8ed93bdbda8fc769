"""Loads a scoring script in the test's own process, and asks it."""

from __future__ import annotations

import os
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from jupyter_aml.serving.scoring import process
from jupyter_aml.serving.scoring.answer import Answer
from jupyter_aml.serving.scoring.app import Application
from jupyter_aml.serving.scoring.config import ScoreConfig

Make = Callable[..., Application]


@pytest.fixture
def make(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Make]:
    """Loads a script as a process does. What that changes in this process is changed back."""
    before = set(sys.modules)
    environment, folder = dict(os.environ), os.getcwd()
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setattr(sys, "meta_path", list(sys.meta_path))
    (tmp_path / "code").mkdir()
    (tmp_path / "model").mkdir()

    apps: list[Application] = []

    def made(source: str, **more: Any) -> Application:
        (tmp_path / "code" / "score.py").write_text(textwrap.dedent(source))
        config = ScoreConfig(str(tmp_path / "model"), str(tmp_path / "code"), **more)
        apps.append(process.load(config))
        return apps[-1]

    yield made
    for app in apps:
        app.rest()
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    mine = ("entry_module", "azureml", "beside")
    for name in set(sys.modules) - before:
        if name.partition(".")[0] in mine:
            del sys.modules[name]


def ask(app: Application, body: bytes = b"", first: str = "POST /score", **headers: str) -> Answer:
    lines = "".join(f"{name.replace('_', '-')}: {text}\r\n" for name, text in headers.items())
    return app.answer(f"{first}\r\n{lines}".encode(), body)
