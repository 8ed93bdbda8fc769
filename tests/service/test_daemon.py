"""A real daemon process on the in-memory backend: start, find, stop, and what must not happen."""

from __future__ import annotations

import http.client
import json
import os
import stat
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import msgspec
import psutil
import pytest

from jupyter_aml.model.errors import Conflict, NotFound
from jupyter_aml.service import runtime
from jupyter_aml.service.claim import claim
from jupyter_aml.service.folders import run_folder
from jupyter_aml.testing.service import ServiceProcess
from jupyter_aml.testing.waiting import eventually_sync

FAKE = "--ServiceSettings.backend=jupyter_aml.testing.fakes:FakeBackend"
SLEEP = {"spec": {"type": "command", "command": "sleep 600"}}


def start(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A service that is expected to end at once."""
    return subprocess.run(
        [sys.executable, "-m", "jupyter_aml.service", *arguments, "--home", str(home)],
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "JUPYTER_AML_HOME": str(home)},
        check=False,
    )


def error_of(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    """Its one line of JSON on stderr."""
    assert done.returncode == 1
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    return json.loads(line)["error"]


def test_the_runtime_file_tells_who_serves_and_only_to_the_user(
    fake_service: ServiceProcess, aml_home: Path
) -> None:
    path = aml_home / "service.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(aml_home.stat().st_mode) == 0o700
    found = runtime.read(aml_home)
    assert found is not None
    assert found.pid == fake_service.pid
    assert found.created == psutil.Process(found.pid).create_time()
    assert found.host == runtime.host()
    assert found.boot_id == runtime.boot_id()
    assert Path(found.home) == aml_home
    assert found.token not in repr(found)
    assert len(found.token) >= 32


def test_nothing_of_the_home_is_open_to_others(
    fake_service: ServiceProcess, aml_home: Path
) -> None:
    fake_service.request("POST", "/jobs", {"spec": {"type": "command", "command": "echo x"}})
    assert (aml_home / "service.json").is_file()
    for path in aml_home.rglob("*"):
        assert not stat.S_IMODE(path.stat().st_mode) & 0o077, path


def test_status_says_what_runs(fake_service: ServiceProcess, aml_home: Path) -> None:
    status = fake_service.request("GET", "/service")
    assert status["state"] == "running"
    assert status["pid"] == fake_service.pid
    assert status["url"] == fake_service.url
    assert status["home"] == str(aml_home)
    assert status["running"] == {"jobs": 0, "nodes": 0, "endpoints": 0}
    fake_service.request("POST", "/jobs", SLEEP)
    assert fake_service.request("GET", "/service")["running"]["jobs"] == 1


def test_stopping_with_work_under_way_is_refused_unless_forced(
    fake_service: ServiceProcess, aml_home: Path
) -> None:
    fake_service.request("POST", "/jobs", SLEEP)
    with pytest.raises(Conflict, match="1 job") as refused:
        fake_service.request("POST", "/service/stop", {})
    assert "--force" in refused.value.hint
    stopped = fake_service.request("POST", "/service/stop", {"force": True})
    assert stopped["state"] == "stopped"
    eventually_sync(lambda: not psutil.pid_exists(fake_service.pid) or _is_zombie(fake_service.pid))
    assert not (aml_home / "service.json").exists()


def _is_zombie(pid: int) -> bool:
    return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


def test_sigterm_ends_it_gracefully(fake_service: ServiceProcess, aml_home: Path) -> None:
    fake_service.request("POST", "/jobs", SLEEP)
    assert fake_service.terminate() == 0
    assert not (aml_home / "service.json").exists()
    assert "ended" in fake_service.log()


def test_streams_end_when_the_service_does(fake_service: ServiceProcess) -> None:
    lines = fake_service.lines("POST", "/jobs/run", SLEEP)
    assert next(lines)["job"]
    assert fake_service.terminate() == 0
    # the stream breaks off or ends, but nobody waits for ever
    try:
        list(lines)
    except (OSError, ValueError, http.client.HTTPException):
        pass


def test_a_second_service_of_a_home_says_who_is_there(
    fake_service: ServiceProcess, aml_home: Path
) -> None:
    error = error_of(start(aml_home, FAKE))
    assert error["code"] == "Conflict"
    assert str(fake_service.pid) in error["message"]
    assert fake_service.request("GET", "/service")["pid"] == fake_service.pid
    assert runtime.read(aml_home) is not None


def test_after_kill_9_the_next_one_takes_over(fake_service: ServiceProcess, aml_home: Path) -> None:
    old = fake_service.token
    fake_service.kill()
    assert (aml_home / "service.json").exists()
    fake_service.start()
    assert fake_service.token != old
    assert fake_service.request("GET", "/preferences")["defaultCompute"] == "local"


def test_a_damaged_database_is_said_in_the_status(
    fake_service: ServiceProcess, aml_home: Path
) -> None:
    assert fake_service.request("GET", "/service")["warnings"] == []
    fake_service.terminate()
    (aml_home / "state.db").write_bytes(b"no database" * 1000)
    fake_service.start()
    (warning,) = fake_service.request("GET", "/service")["warnings"]
    (kept,) = aml_home.glob("state.db.damaged-*")
    assert kept.name in warning
    assert kept.name in fake_service.log()
    feed = fake_service.lines("GET", "/feed/my-feed-123")
    notice = next(line for line in feed if line.get("noun") == "notice")
    assert notice["object"]["text"] == warning


def test_its_folder_for_sockets_goes_with_it(aml_home: Path, fake_service: ServiceProcess) -> None:
    folder = run_folder(aml_home)
    assert folder.is_dir()
    fake_service.terminate()
    assert not folder.exists()


def test_preferences_survive_a_restart(fake_service: ServiceProcess) -> None:
    assert fake_service.request("GET", "/preferences")["snapshotLimitMb"] == 100
    wanted = {"defaultCompute": "cpu", "snapshotLimitMb": 50, "fetchLimitMb": 1}
    fake_service.request("PUT", "/preferences", wanted)
    fake_service.kill()
    fake_service.start()
    kept = fake_service.request("GET", "/preferences")
    assert {name: kept[name] for name in wanted} == wanted


def test_a_changed_preference_reaches_every_tab(fake_service: ServiceProcess) -> None:
    feed = fake_service.lines("GET", "/feed/my-feed-123")
    assert next(feed)["type"] == "hello"
    fake_service.request("PUT", "/preferences", {"defaultCompute": "cpu"})
    line = next(line for line in feed if line.get("noun") == "preferences")
    assert line["object"]["defaultCompute"] == "cpu"
    feed.close()


def test_workspaces_are_listed_with_what_they_can_do(fake_service: ServiceProcess) -> None:
    found = fake_service.request("GET", "/workspaces")
    assert found["current"] == "fake"
    workspaces = {one["name"]: one for one in found["value"]}
    assert workspaces["fake"]["facets"] == ["compute", "jobs", "cells", "components", "schedules"]
    with pytest.raises(NotFound, match="nowhere"):
        fake_service.request("POST", "/workspaces/use", {"name": "nowhere"})
    assert fake_service.request("POST", "/workspaces/use", {"name": "fake"})["current"] == "fake"


def test_the_log_holds_no_token_and_no_query(fake_service: ServiceProcess) -> None:
    fake_service.raw("GET", "/jobs?status=private", None)
    fake_service.raw("GET", "/nowhere?secret=private", None)
    fake_service.terminate()
    assert fake_service.token not in fake_service.log()
    assert "private" not in fake_service.log()


def test_a_home_that_is_removed_ends_its_service(aml_home: Path) -> None:
    often = "--ServiceSettings.idle_exit_seconds=16"  # it looks four times in that time
    service = ServiceProcess(aml_home, FAKE, often)
    service.start()
    moved = aml_home.rename(aml_home.with_name("moved"))
    aml_home.mkdir()
    eventually_sync(lambda: _is_zombie(service.pid))
    service.stop()
    assert "is gone: ending everything" in (moved / "service.log").read_text()


def test_an_idle_service_ends_by_itself(aml_home: Path) -> None:
    done = start(aml_home, FAKE, "--ServiceSettings.idle_exit_seconds=1")
    assert done.returncode == 0, done.stderr
    assert not (aml_home / "service.json").exists()
    log = (aml_home / "service.log").read_text()
    assert log.index("serving") < log.index("nobody called")


def test_a_service_that_runs_something_does_not_end_by_itself(aml_home: Path) -> None:
    service = ServiceProcess(aml_home, FAKE, "--ServiceSettings.idle_exit_seconds=6")
    service.start()
    submitted = time.monotonic()
    service.request("POST", "/jobs", {"spec": {"type": "command", "command": "sleep 8"}})
    eventually_sync(lambda: _is_zombie(service.pid))
    assert time.monotonic() - submitted >= 8
    service.stop()


# -- what keeps it from starting ------------------------------------------------------------


def test_settings_come_from_the_homes_config_file(aml_home: Path) -> None:
    aml_home.mkdir()
    (aml_home / "service_config.py").write_text(
        'c.ServiceSettings.backend = "jupyter_aml.testing.fakes:FakeBackend"\n'
        "c.ServiceSettings.body_limit_mb = 1\n"
    )
    service = ServiceProcess(aml_home)
    service.start()
    status, body = service.raw("POST", "/jobs", {"x": "x" * 2_000_000})
    assert (status, json.loads(body)["error"]["code"]) == (413, "TooLarge")
    service.stop()


@pytest.mark.parametrize(
    "text", ["this is no python", "c.ServiceSettings.body_limit_mb = -1", "raise SystemError('x')"]
)
def test_a_config_file_that_cannot_be_read_is_one_clear_error(aml_home: Path, text: str) -> None:
    aml_home.mkdir()
    (aml_home / "service_config.py").write_text(text + "\n")
    error = error_of(start(aml_home))
    assert error["code"] == "Invalid"
    assert error["target"] == "service_config.py"
    assert error["hint"]


def test_a_backend_that_cannot_be_loaded_is_one_clear_error(aml_home: Path) -> None:
    error = error_of(start(aml_home, "--ServiceSettings.backend=no.such.module:Backend"))
    assert "no.such" in error["message"] or "no'" in error["message"]


def test_a_home_that_cannot_be_made_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    error = error_of(start(tmp_path / "file" / "home", FAKE))
    assert str(tmp_path) in error["message"] + error["target"]


def test_a_home_of_another_host_is_said_and_left_alone(
    aml_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    aml_home.mkdir()
    other = runtime.Runtime(
        url="http://127.0.0.1:1",
        token="t",
        pid=7,
        created=1.0,
        version="0.1.0",
        api=1,
        host="another-host",
        boot_id="b",
        home=str(aml_home),
        started_at="2026-11-21T18:00:00.000000Z",
    )
    runtime.write(aml_home, other)
    with pytest.raises(Conflict, match="another-host") as refused:
        claim(aml_home, network_filesystem=True)
    assert refused.value.hint
    assert runtime.read(aml_home) == other

    old = (aml_home / "service.json").stat().st_mtime - 1000
    os.utime(aml_home / "service.json", (old, old))
    claim(aml_home, network_filesystem=True).release()  # it was not touched for long: dead
    runtime.write(aml_home, other)
    claim(aml_home, network_filesystem=False).release()  # the lock proves it


def test_a_lock_is_held_by_one_and_notices_when_its_file_is_gone(aml_home: Path) -> None:
    lock = claim(aml_home)
    assert lock.in_place()
    with pytest.raises(Conflict):
        claim(aml_home)
    (aml_home / "service.lock").unlink()
    assert not lock.in_place()
    lock.release()
    again = claim(aml_home)
    assert again.in_place()
    again.release()


def test_removing_the_runtime_file_spares_anothers(aml_home: Path) -> None:
    aml_home.mkdir()
    mine = runtime.Runtime(
        url="",
        token="mine",
        pid=1,
        created=1.0,
        version="",
        api=1,
        host="",
        boot_id="",
        home="",
        started_at="",
    )
    runtime.write(aml_home, msgspec.structs.replace(mine, token="theirs"))
    runtime.remove(aml_home, mine)
    assert runtime.read(aml_home) is not None
    runtime.write(aml_home, mine)
    runtime.remove(aml_home, mine)
    assert runtime.read(aml_home) is None
