"""The programs themselves: how they start, fail, drain, and what survives whom."""

from __future__ import annotations

import http.client
import json
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.serving.processes import BOOT, KEY, Processes

ECHO = """
    import os
    def init():
        print("loaded")
    def run(data):
        return [os.getpid(), data]
"""


@pytest.fixture
def processes(short_path: Path) -> Iterator[Processes]:
    started = Processes(short_path)
    yield started
    started.stop()


def _over_socket(path: Path, request: bytes) -> bytes:
    with socket.socket(socket.AF_UNIX) as link:
        link.settimeout(60)
        link.connect(str(path))
        link.sendall(request)
        parts: list[bytes] = []
        while part := link.recv(4096):
            parts.append(part)
        return b"".join(parts)


def test_an_instance_comes_up_answers_and_drains(processes: Processes) -> None:
    instance = processes.score("b1", ECHO)
    state = instance.wait_until("ready")
    assert state["pid"] == instance.process.pid
    assert state["interface"] == {"rawhttp": False, "schema": False, "batch": False}
    path = instance.folder / "s"
    assert path.stat().st_mode & 0o777 == 0o600
    healthy = _over_socket(path, b"GET / HTTP/1.1\r\n\r\n")
    assert healthy.startswith(b"HTTP/1.1 200 OK")
    assert healthy.endswith(b"Healthy")
    posted = _over_socket(path, b"POST /score HTTP/1.1\r\nContent-Length: 2\r\n\r\nhi")
    assert json.loads(posted.rpartition(b"\r\n")[2]) == [instance.process.pid, "hi"]
    assert "loaded\n" in instance.console
    instance.process.terminate()
    assert instance.process.wait(60) == 0
    assert instance.state["state"] == "ended"
    assert not path.exists()


def test_an_instance_that_fails_says_why_in_its_state_and_its_log(processes: Processes) -> None:
    source = "def init():\n    open('/no/model.pkl')\ndef run(data): pass\n"
    instance = processes.score("b1", source)
    assert instance.process.wait(60) == 3
    failure = instance.state["failure"]
    assert instance.state["state"] == "failed"
    assert (failure["code"], failure["line"]) == ("UserScriptInitFailed", 2)
    assert failure["text"] == "open('/no/model.pkl')"
    assert "score.py:2" in instance.console
    assert not (instance.folder / "s").exists()


def test_azures_engine_that_is_not_installed_is_said(processes: Processes) -> None:
    instance = processes.score("b1", ECHO, engine="azureml")
    assert instance.process.wait(60) == 3
    assert instance.state["failure"]["code"] == "EngineMissing"
    assert "azureml-inference-server-http" in instance.state["failure"]["message"]


@pytest.mark.parametrize(
    ("part", "text"),
    [("score", "{}"), ("score", "no json"), ("router", '{"table": "/no", "control": "/no"}')],
)
def test_a_config_that_is_wrong_is_one_line(tmp_path: Path, part: str, text: str) -> None:
    (tmp_path / "c.json").write_text(text)
    command = [sys.executable, str(BOOT), part, str(tmp_path / "c.json")]
    done = subprocess.run(command, capture_output=True, timeout=60, check=False)
    assert done.returncode == 4
    assert json.loads(done.stderr)["error"]["code"] == "BadConfig"


def test_a_port_that_is_taken_is_said(processes: Processes) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        processes.port = taken.getsockname()[1]
        processes.write({})
        config = {"table": str(processes.folder / "table.json"), "control": "/nowhere/ctl"}
        (processes.folder / "r.json").write_text(json.dumps(config))
        command = [sys.executable, str(BOOT), "router", str(processes.folder / "r.json")]
        done = subprocess.run(command, capture_output=True, timeout=60, check=False)
    assert done.returncode == 3
    assert json.loads(done.stderr.splitlines()[-1])["error"]["code"] == "PortTaken"


def test_an_endpoint_answers_also_while_its_script_uses_asyncio(processes: Processes) -> None:
    source = """
        import asyncio
        def init():
            pass
        def run(data):
            return asyncio.run(asyncio.sleep(0, data))
    """
    processes.score("b1", source)
    processes.route({"traffic": {"blue": 100}, "deployments": {"blue": processes.spec("b1")}})
    assert processes.ask("hi") == (200, b'"hi"')


def test_threads_run_at_the_same_time(processes: Processes) -> None:
    source = """
        import threading
        both = threading.Barrier(2, timeout=60)
        def init():
            pass
        def run(data):
            both.wait()
            return "met"
    """
    processes.score("b1", source, threads=2)
    spec = processes.spec("b1")
    processes.route({"traffic": {"blue": 100}, "deployments": {"blue": spec}})
    links = [http.client.HTTPConnection("127.0.0.1", processes.port, timeout=90) for _ in range(2)]
    for link in links:
        link.request("POST", "/score", "1", {"Authorization": f"Bearer {KEY}"})
    assert [link.getresponse().read() for link in links] == [b'"met"', b'"met"']
    for link in links:
        link.close()


def test_a_killed_instance_is_told_and_its_successor_found(processes: Processes) -> None:
    first = processes.score("b1", ECHO)
    processes.route({"traffic": {"blue": 100}, "deployments": {"blue": processes.spec("b1")}})
    assert processes.ask()[0] == 200
    first.process.kill()
    first.process.wait()
    second = processes.score("b1", ECHO)
    status, body = processes.ask()
    assert (status, json.loads(body)[0]) == (200, second.process.pid)


def test_a_killed_router_comes_back_on_the_same_port(processes: Processes) -> None:
    processes.score("b1", ECHO)
    table = {"traffic": {"blue": 100}, "deployments": {"blue": processes.spec("b1")}}
    processes.route(table)
    pid = json.loads(processes.ask()[1])[0]
    assert processes.router is not None
    processes.router.kill()
    processes.router.wait()
    processes.route(table)
    assert json.loads(processes.ask()[1])[0] == pid, "the instance did not notice"


def test_the_control_socket(processes: Processes) -> None:
    processes.score("b1", ECHO)
    deployments = {"blue": processes.spec("b1")}
    processes.route({"traffic": {"blue": 100}, "deployments": deployments})
    processes.ask()
    assert processes.control(op="state")["deployments"]["blue"]["requests"] == 1
    processes.write({"generation": 2, "traffic": {"blue": 50}, "deployments": deployments})
    refused = processes.control(op="table")
    assert refused["op"] == "refused"
    assert "adds up to 50" in refused["message"]
    assert processes.ask()[0] == 200, "the table before stays"
    processes.write({"generation": 3, "traffic": {"blue": 0}, "deployments": deployments})
    assert processes.control(op="table") == {"op": "adopted", "generation": 3}
    assert processes.ask()[0] == 404
    assert processes.control(op="nothing")["op"] == "refused"
    assert processes.router is not None
    assert processes.control(op="leave", grace=5)["op"] == "left"
    assert processes.router.wait(60) == 0


def test_a_watcher_hears_of_instances(processes: Processes) -> None:
    instance = processes.score("b1", ECHO)
    processes.route({"traffic": {"blue": 100}, "deployments": {"blue": processes.spec("b1")}})
    processes.wait_ready("blue", 1)
    with socket.socket(socket.AF_UNIX) as link, link.makefile("rb") as lines:
        link.settimeout(60)
        link.connect(str(processes.folder / "ctl"))
        link.sendall(b'{"op":"watch"}\n')
        assert json.loads(lines.readline())["op"] == "state"
        instance.process.kill()
        event = next(e for e in map(json.loads, lines) if e["op"] == "instance")
    assert (event["instance"], event["state"]) == ("b1", "lost")


def test_a_package_is_served_without_a_router(processes: Processes) -> None:
    server, link = alone(processes, ECHO)
    link.request("POST", "/score", "hi", {"x-ms-client-request-id": "c"})
    answer = link.getresponse()
    assert json.loads(answer.read()) == [server.pid, "hi"]
    assert answer.headers["x-ms-client-request-id"] == "c"
    link.close()
    server.send_signal(signal.SIGTERM)
    assert server.wait(60) == 0


ENDS = """
import signal, threading

def init():
    pass

def run(data):
    signal.pthread_kill(threading.get_ident(), signal.SIGTERM)
"""


def test_a_package_ends_whichever_thread_the_signal_came_to(processes: Processes) -> None:
    server, link = alone(processes, ENDS)
    link.request("POST", "/score", "hi")
    assert server.wait(60) == 0
    link.close()


def test_a_package_ends_a_run_that_takes_too_long_and_goes_on(processes: Processes) -> None:
    source = "def init(): pass\ndef run(data):\n    while data == 'long': pass\n    return data"
    _, link = alone(processes, source, timeout_ms=3000)
    statuses: list[int] = []
    for body in ("long", "short"):
        link.request("POST", "/score", body)
        answer = link.getresponse()
        answer.read()
        statuses.append(answer.status)
    link.close()
    assert statuses == [500, 200]


def alone(
    processes: Processes, script: str, **config: Any
) -> tuple[subprocess.Popen[bytes], http.client.HTTPConnection]:
    """The server of a package, without a router, and a connection to it."""
    instance = processes.score("b1", script, **config)
    instance.wait_until("ready")
    command = [sys.executable, str(BOOT), "serve", str(instance.folder / "config.json")]
    server = subprocess.Popen([*command, "127.0.0.1:0"], stderr=subprocess.PIPE)
    processes.started.append(server)
    assert server.stderr is not None
    for line in server.stderr:
        if b"is ready" in line:
            port = int(line.split(b":")[2].split(b"/")[0])
            return server, http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    raise AssertionError("it ended")
