"""The kernel's part that needs no ipykernel: its connection file and its pulse."""

from __future__ import annotations

import json
import os
import socket
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from jupyter_aml.runner import kernel

PORTS = ("shell_port", "iopub_port", "stdin_port", "control_port", "hb_port")


def read(path: Path) -> dict[str, Any]:
    return json.loads(path.read_bytes())


def test_the_first_time_there_is_a_key_and_the_system_chooses_the_ports(tmp_path: Path) -> None:
    path = tmp_path / "connection.json"
    kernel.prepare(str(path))
    found = read(path)
    assert len(found["key"]) == 64
    assert not [name for name in found if name.endswith("_port")]
    assert path.stat().st_mode & 0o777 == 0o600
    kernel.prepare(str(tmp_path / "other.json"))
    assert read(tmp_path / "other.json")["key"] != found["key"]


def test_a_restart_finds_ports_and_key_again(tmp_path: Path) -> None:
    path = tmp_path / "connection.json"
    before = {"key": "k" * 64, "ip": "127.0.0.1", **dict.fromkeys(PORTS, 0)}
    path.write_text(json.dumps(before))
    kernel.prepare(str(path))
    assert read(path) == before


def test_ports_that_somebody_took_meanwhile_are_given_up_and_the_key_stays(tmp_path: Path) -> None:
    path = tmp_path / "connection.json"
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = other.getsockname()[1]
        path.write_text(json.dumps({"key": "k" * 64, "shell_port": taken, "hb_port": 0}))
        kernel.prepare(str(path))
    found = read(path)
    assert found["key"] == "k" * 64
    assert "shell_port" not in found


def test_a_file_that_is_cut_off_is_made_anew(tmp_path: Path) -> None:
    path = tmp_path / "connection.json"
    path.write_text('{"key": "k')
    kernel.prepare(str(path))
    assert len(read(path)["key"]) == 64


class Events:
    def __init__(self) -> None:
        self.known: dict[str, Any] = {}

    def register(self, name: str, function: Any) -> None:
        self.known[name] = function


def test_the_pulse_says_busy_from_the_beginning_of_a_cell_to_its_end(tmp_path: Path) -> None:
    events = Events()
    pulse = tmp_path / "pulse"
    kernel.Pulse(str(tmp_path)).follow(SimpleNamespace(events=events))
    assert pulse.read_bytes() == b"idle"
    events.known["pre_run_cell"](None)
    assert pulse.read_bytes() == b"busy"
    os.utime(pulse, (1, 1))
    events.known["post_run_cell"](None)
    assert pulse.read_bytes() == b"idle"
    assert pulse.stat().st_mtime > 1


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_what_a_cell_forks_has_no_pulse(tmp_path: Path) -> None:
    events = Events()
    kernel.Pulse(str(tmp_path)).follow(SimpleNamespace(events=events))
    events.known["pre_run_cell"](None)
    child = os.fork()
    if child == 0:
        events.known["post_run_cell"](None)
        os._exit(0)
    os.waitpid(child, 0)
    assert (tmp_path / "pulse").read_bytes() == b"busy"
