"""Finding, starting, replacing and stopping real processes."""

from __future__ import annotations

import os
import signal
import stat
import sys
import threading
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import pytest

from jupyter_aml.client import discovery, launch, liveness, lock
from jupyter_aml.client import home as homes
from jupyter_aml.model.errors import Conflict, StorageFull, Unavailable
from tests.client.fake_service import SECONDS, FakeService

TINY = str(Path(__file__).with_name("tiny_service.py"))
Startable = Callable[..., None]


@pytest.fixture
def startable(home: Path, monkeypatch: pytest.MonkeyPatch) -> Startable:
    """Call it to say how the service that would be started behaves."""

    def choose(mode: str = "good", **environment: str) -> None:
        command = [sys.executable, TINY, mode, "--home", str(home)]
        monkeypatch.setattr(launch, "arguments", lambda _: command)
        for name, value in environment.items():
            monkeypatch.setenv(name, value)

    choose()
    return choose


@pytest.fixture(autouse=True)
def _ended(home: Path) -> object:
    yield
    runtime = discovery.read(home) if home.exists() else None
    if runtime is not None and runtime.pid != os.getpid():
        try:
            os.kill(runtime.pid, signal.SIGKILL)
            os.waitpid(runtime.pid, 0)
        except (ProcessLookupError, ChildProcessError):
            pass


def starts(home: Path) -> int:
    return len((home / "starts").read_text())


# -- where ------------------------------------------------------------------------------------


def test_the_home_is_made_absolute(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("JUPYTER_AML_HOME", "here/it/is")
    assert homes.service_home() == tmp_path / "here/it/is"


@pytest.mark.parametrize("variable", ["JUPYTER_DATA_DIR", "XDG_DATA_HOME", None])
def test_the_default_home_is_in_jupyters_own_data_folder(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, variable: str | None
) -> None:
    from jupyter_core.paths import jupyter_data_dir

    for name in ("JUPYTER_AML_HOME", "JUPYTER_DATA_DIR", "XDG_DATA_HOME", "JUPYTER_PLATFORM_DIRS"):
        monkeypatch.delenv(name, raising=False)
    if variable:
        monkeypatch.setenv(variable, str(tmp_path))
    assert homes.service_home() == Path(jupyter_data_dir()) / "jupyter_aml"


def test_the_kind_of_a_mount_is_that_of_the_longest_prefix() -> None:
    mounts = (
        "1 0 8:1 / / rw - ext4 /dev/sda rw\n"
        "2 1 0:5 / /home rw,relatime shared:1 - nfs4 server:/home rw\n"
        "3 2 0:6 / /home/a\\040b rw - tmpfs tmpfs rw\n"
    )
    assert homes._kind_of_mount("/home/me/x", mounts) == "nfs4"
    assert homes._kind_of_mount("/homes", mounts) == "ext4"
    assert homes._kind_of_mount("/home/a b/c", mounts) == "tmpfs"


# -- find -------------------------------------------------------------------------------------


def test_no_file_is_no_service(home: Path) -> None:
    assert discovery.find(home) is None


def test_a_live_service_is_found(home: Path) -> None:
    service = FakeService(home).start()
    runtime = discovery.find(home)
    service.close()
    assert runtime is not None
    assert runtime.pid == os.getpid()


@pytest.mark.parametrize("change", [{"pid": 2**22 + 1}, {"created": 1.0}, {"bootId": "another"}])
def test_what_a_dead_service_left_is_no_service(home: Path, change: dict[str, object]) -> None:
    service = FakeService(home).start()
    service.write_runtime(**change)
    found = discovery.find(home)
    service.close()
    assert found is None


def test_a_live_service_on_another_host_is_said_and_left_alone(home: Path) -> None:
    service = FakeService(home).start()
    service.write_runtime(host="elsewhere")
    with lock.held(home / "service.lock", timeout=1, what="living"):
        for ask in (discovery.find, discovery.start):
            with pytest.raises(Unavailable, match="another machine, 'elsewhere'") as raised:
                ask(home)
            assert "JUPYTER_AML_HOME" in raised.value.hint
    service.close()


def test_a_shared_home_is_not_taken_from_another_host(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = FakeService(home).start()
    service.write_runtime(host="elsewhere")
    monkeypatch.setattr(discovery, "is_shared", lambda _: True)
    with pytest.raises(Unavailable, match="another machine"):
        discovery.find(home)
    service.close()


def test_a_container_that_is_gone_does_not_block_its_successor(
    home: Path, startable: Startable
) -> None:
    service = FakeService(home).start()
    service.write_runtime(host="the-container-before")
    kept = (home / "service.json").read_text()
    service.close()
    (home / "service.json").write_text(kept)
    assert discovery.find(home) is None
    assert discovery.start(home).host == liveness.host()


def test_after_a_jump_of_the_clock_the_lock_tells(home: Path) -> None:
    service = FakeService(home).start()
    service.write_runtime(created=1.0)
    assert discovery.find(home) is None
    with lock.held(home / "service.lock", timeout=1, what="living"):
        assert discovery.find(home) is not None
    service.close()


@pytest.mark.parametrize("text", ["", "{", '{"url": 1}', "[]"])
def test_a_damaged_file_is_nothing_unless_a_service_lives(home: Path, text: str) -> None:
    home.mkdir(parents=True)
    (home / "service.json").write_text(text)
    assert discovery.find(home) is None
    with (
        lock.held(home / "service.lock", timeout=1, what="living"),
        pytest.raises(Unavailable, match="cannot be read") as raised,
    ):
        discovery.find(home)
    assert raised.value.target == str(home / "service.json")


def test_the_token_is_not_in_the_repr(home: Path) -> None:
    service = FakeService(home).start()
    service.write_runtime(token="secret-token")
    shown = repr(discovery.find(home))
    service.close()
    assert "secret-token" not in shown


# -- start ------------------------------------------------------------------------------------


def test_a_service_is_started_and_answers(home: Path, startable: Startable) -> None:
    runtime = discovery.start(home)
    assert discovery.status(runtime).pid == runtime.pid
    assert discovery.start(home).pid == runtime.pid
    assert starts(home) == 1
    assert stat.S_IMODE(home.stat().st_mode) == 0o700


def test_ten_clients_start_one_service(home: Path, startable: Startable) -> None:
    found: list[int] = []
    threads = [
        threading.Thread(target=lambda: found.append(discovery.start(home).pid)) for _ in range(10)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 10
    assert len(set(found)) == 1
    assert starts(home) == 1


def test_it_lives_in_a_session_of_its_own(home: Path, startable: Startable) -> None:
    runtime = discovery.start(home)
    assert os.getsid(runtime.pid) == runtime.pid


def test_what_belongs_to_the_kernel_is_not_handed_on(
    home: Path, startable: Startable, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JPY_SESSION_NAME", "a.ipynb")
    monkeypatch.setenv("MPLBACKEND", "module://matplotlib_inline.backend_inline")
    monkeypatch.setenv("JUPYTER_AML_MARKER", "x")
    runtime = discovery.start(home)
    environment = Path(f"/proc/{runtime.pid}/environ").read_text()
    assert "JPY_" not in environment
    assert "MPLBACKEND" not in environment
    assert "JUPYTER_AML_MARKER=service\0" in environment
    assert f"JUPYTER_AML_HOME={home}" in environment


def test_one_that_dies_is_said_with_its_last_words(home: Path, startable: Startable) -> None:
    startable("dies")
    with pytest.raises(Unavailable, match="ended while it started") as raised:
        discovery.start(home)
    assert raised.value.details == ["the database is damaged"]
    assert "--home" in raised.value.hint


def test_one_that_says_why_it_cannot_start_is_believed(home: Path, startable: Startable) -> None:
    startable("refuses")
    with pytest.raises(Unavailable, match="The database is newer") as raised:
        discovery.start(home)
    assert raised.value.hint == "Install that again."
    assert raised.value.target == str(home)


def test_one_that_never_answers_is_given_up(home: Path, startable: Startable) -> None:
    startable("mute")
    start = time.monotonic()
    with pytest.raises(Unavailable, match="did not answer within 0 s"):
        discovery.start(home, timeout=0.4)
    assert time.monotonic() - start < 50


def test_a_home_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageFull) as raised:
        discovery.start(tmp_path / "file" / "home")
    assert "JUPYTER_AML_HOME" in raised.value.hint


def test_a_home_that_cannot_be_written_is_said(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home.mkdir()
    # Permissions do not stop root, as which CI runs.
    monkeypatch.setattr("os.access", lambda _path, mode: not mode & os.W_OK)
    with pytest.raises(StorageFull, match="cannot be written") as raised:
        discovery.start(home)
    assert raised.value.target == str(home)


def test_what_a_service_says_of_its_start_is_a_warning(home: Path, startable: Startable) -> None:
    startable("damaged")
    with pytest.warns(UserWarning, match="was damaged"):
        discovery.start(home)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        discovery.start(home)  # told once


def test_a_service_killed_and_started_again(home: Path, startable: Startable) -> None:
    first = discovery.start(home)
    os.kill(first.pid, signal.SIGKILL)
    deadline = time.monotonic() + SECONDS
    while liveness.started_at(first.pid) is not None and time.monotonic() < deadline:
        time.sleep(0.005)
    assert discovery.find(home) is None
    assert discovery.start(home).pid != first.pid


# -- versions ---------------------------------------------------------------------------------


def test_an_older_idle_service_is_replaced(home: Path, startable: Startable) -> None:
    startable(TINY_VERSION="0.0.1")
    old = discovery.start(home)
    startable(TINY_VERSION="99.0")
    new = discovery.start(home)
    assert (new.version, starts(home)) == ("99.0", 2)
    assert liveness.started_at(old.pid) is None


def test_an_older_busy_service_is_used(home: Path, startable: Startable) -> None:
    startable("busy", TINY_VERSION="0.0.1")
    old = discovery.start(home)
    assert discovery.start(home).pid == old.pid
    assert starts(home) == 1


def test_one_that_speaks_otherwise_is_a_clear_error(home: Path, startable: Startable) -> None:
    startable("busy", TINY_VERSION="0.0.1", TINY_API="0")
    with pytest.raises(Conflict, match=r"0\.0\.1.*do not understand each other") as raised:
        discovery.start(home)
    assert "service stop" in raised.value.hint


@pytest.mark.parametrize(
    ("version", "release"), [("0.1.0", (0, 1, 0)), ("0.2.dev3", (0, 2)), ("1.10", (1, 10))]
)
def test_versions_are_compared_by_their_numbers(version: str, release: tuple[int, ...]) -> None:
    assert discovery._release(version) == release


# -- stop -------------------------------------------------------------------------------------


def test_stop_returns_when_it_is_gone(home: Path, startable: Startable) -> None:
    runtime = discovery.start(home)
    assert discovery.stop(home)
    assert liveness.started_at(runtime.pid) is None
    assert not discovery.stop(home)


def test_a_busy_service_is_stopped_only_by_force(home: Path, startable: Startable) -> None:
    startable("busy")
    discovery.start(home)
    with pytest.raises(Conflict, match="1 job is running"):
        discovery.stop(home)
    assert discovery.stop(home, force=True)


# -- processes and locks ----------------------------------------------------------------------


def test_start_times_are_those_of_psutil() -> None:
    import psutil

    started = liveness.started_at(os.getpid())
    assert started is not None
    assert abs(started - psutil.Process().create_time()) <= liveness.TOLERANCE_SECONDS


def test_a_zombie_is_dead() -> None:
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    deadline = time.monotonic() + SECONDS
    while liveness.started_at(pid) is not None and time.monotonic() < deadline:
        time.sleep(0.001)
    assert liveness.started_at(pid) is None
    os.waitpid(pid, 0)


def test_a_lock_that_is_never_given_back_is_said(tmp_path: Path) -> None:
    path = tmp_path / "start.lock"
    with lock.held(path, timeout=1, what="starting"):
        assert lock.is_held(path)
        with (
            pytest.raises(Unavailable, match="has been starting"),
            lock.held(path, timeout=0.05, what="starting"),
        ):
            pass
    assert not lock.is_held(path)
