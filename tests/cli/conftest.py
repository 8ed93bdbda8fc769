"""The command line in this process, on a client whose service is a few dictionaries."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest

from jupyter_aml.cli import main as cli
from tests.grammar.fake_client import FakeClient


class Done(NamedTuple):
    """What a command left behind."""

    code: int
    out: bytes
    err: bytes

    @property
    def document(self) -> Any:
        """The one JSON document on stdout."""
        return json.loads(self.out)

    @property
    def error(self) -> dict[str, Any]:
        """The one JSON error on stderr."""
        return json.loads(self.err)["error"]


Command = Callable[..., Done]


@pytest.fixture
def client() -> FakeClient:
    return FakeClient()


@pytest.fixture
def command(
    client: FakeClient,
    monkeypatch: pytest.MonkeyPatch,
    capfdbinary: pytest.CaptureFixture[bytes],
) -> Command:
    """Runs ``jupyter aml WORDS``."""
    monkeypatch.setattr(cli, "connection", lambda _workspace: client)

    def run(*words: str) -> Done:
        capfdbinary.readouterr()
        code = cli.main(words)
        out, err = capfdbinary.readouterr()
        return Done(code, out, err)

    return run
