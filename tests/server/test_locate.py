"""Discovery's answers in the server's own terms."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from jupyter_aml.client import discovery
from jupyter_aml.model.errors import ServiceNotRunning, Unavailable
from jupyter_aml.server import locate
from jupyter_aml.server.endpoint import Endpoint

RUNTIME = discovery.Runtime(
    url="http://127.0.0.1:8123", token="t", pid=7, created=1.0, version="0.1.0", started_at="now"
)
ENDPOINT = Endpoint("127.0.0.1", 8123, "t", version="0.1.0", pid=7, started_at="now")


def test_a_live_service_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(discovery, "find", lambda: RUNTIME)
    assert locate.find() == ENDPOINT
    assert locate.find_only() == ENDPOINT


def test_starting_takes_what_discovery_gives(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(discovery, "start", lambda: RUNTIME)
    assert locate.start() == ENDPOINT


def test_an_empty_home_has_none_and_stays_empty(home: Path) -> None:
    assert locate.find() is None
    with pytest.raises(ServiceNotRunning):
        locate.find_only()
    assert not (home / "service.json").exists()


def test_a_killed_service_leaves_its_file_a_stopped_one_none(home: Path) -> None:
    assert locate.is_stopped()
    home.mkdir(parents=True, exist_ok=True)
    (home / "service.json").write_bytes(msgspec.json.encode(RUNTIME))
    assert not locate.is_stopped()


def test_an_address_elsewhere_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    elsewhere = discovery.Runtime(
        url="http://10.1.1.1:1", token="t", pid=7, created=1.0, version=""
    )
    monkeypatch.setattr(discovery, "find", lambda: elsewhere)
    with pytest.raises(Unavailable):
        locate.find()
