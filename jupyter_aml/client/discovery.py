"""Find the service of a home, or start it: one per user, however many clients come at once.

`find` starts nothing; `start` returns a service that answers; `stop` ends one. Jupyter Server, the
terminal and every kernel use these three and nothing else. Every wait has a deadline.
"""

from __future__ import annotations

import os
import time
import warnings
from pathlib import Path

import msgspec

from jupyter_aml._version import __version__
from jupyter_aml.client import launch, liveness, lock, wire
from jupyter_aml.client.home import is_shared, make_home, service_home
from jupyter_aml.model.api import API_VERSION
from jupyter_aml.model.errors import (
    AmlError,
    Conflict,
    ErrorEnvelope,
    StorageFull,
    Unavailable,
)
from jupyter_aml.model.workspace import ServiceStatus

START_SECONDS = 60.0
STOP_SECONDS = 30.0
_STEP_SECONDS = 0.01


class Runtime(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """The runtime file of a live service; the contract is in docs/developer/contracts.md."""

    url: str
    token: str
    pid: int
    created: float
    version: str
    api: int = API_VERSION
    host: str = ""
    boot_id: str = ""
    home: str = ""
    started_at: str = ""

    def __repr__(self) -> str:
        return f"Runtime(url={self.url!r}, pid={self.pid}, version={self.version!r})"


def find(home: Path | None = None) -> Runtime | None:
    """The live service of `home`, or None. Starts nothing.

    Raise `Unavailable` if it lives on another machine that shares the home.
    """
    home = home or service_home()
    runtime = read(home)
    if runtime is None:
        _check_damage(home)
        return None
    if runtime.host and runtime.host != liveness.host():
        if lock.is_held(home / "service.lock") or is_shared(home):
            raise _elsewhere(home, runtime)
        return None
    return runtime if _is_alive(runtime) or _only_its_clock_jumped(home, runtime) else None


def read(home: Path) -> Runtime | None:
    """What the runtime file says, whether its service lives or not; None if it says nothing."""
    try:
        return msgspec.json.decode((home / "service.json").read_bytes(), type=Runtime)
    except (FileNotFoundError, NotADirectoryError, msgspec.DecodeError):
        return None
    except OSError as error:
        raise _unreadable(home, str(error)) from error


def start(home: Path | None = None, *, timeout: float = START_SECONDS) -> Runtime:
    """The service of `home`, started if none runs, once it answers.

    An older idle service is replaced; an older busy one is used as long as both speak the same
    API. Raise `Unavailable` with what the service said if it does not come up in `timeout` seconds,
    `StorageFull` for a home that cannot be written. What a started service has to tell (it found
    its database damaged) is a Python warning: else all would look as if there never were a job.
    """
    home = home or service_home()
    runtime = read(home)
    if runtime is not None and _is_here(runtime) and not _is_older(runtime):
        return _understood(runtime)
    _make(home)
    with lock.held(home / "start.lock", timeout=timeout, what="starting the compute service"):
        runtime = find(home)
        if runtime is not None and _is_older(runtime) and _retire(home, runtime):
            runtime = None
        return _understood(runtime or _launch(home, timeout))


def stop(home: Path | None = None, *, force: bool = False, timeout: float = STOP_SECONDS) -> bool:
    """Ask the service to stop and wait until it is gone. False if none ran.

    Without `force` a service with work under way raises `Conflict`.
    """
    home = home or service_home()
    runtime = find(home)
    if runtime is None:
        return False
    started = liveness.started_at(runtime.pid)
    status(runtime, stop=True, force=force)
    deadline = time.monotonic() + timeout
    while started is not None and liveness.started_at(runtime.pid) == started:
        if time.monotonic() > deadline:
            raise Unavailable(
                f"The compute service has not stopped within {timeout:.0f} s.",
                target=f"process {runtime.pid}",
                hint="Look at its log: jupyter aml service logs",
            )
        time.sleep(_STEP_SECONDS)
    return True


def status(runtime: Runtime, *, stop: bool = False, force: bool = False) -> ServiceStatus:
    """What the service says of itself; with `stop`, after it was asked to stop."""
    body = msgspec.json.encode({"force": force}) if stop else None
    method, path = ("POST", "/service/stop") if stop else ("GET", "/service")
    answer = wire.ask(runtime.url, runtime.token, method, path, body)
    return msgspec.json.decode(answer, type=ServiceStatus)


def _check_damage(home: Path) -> None:
    """A damaged file of a dead service is nothing; that of a live one must be said."""
    if (home / "service.json").exists() and lock.is_held(home / "service.lock"):
        raise _unreadable(home, "it is damaged")


def _is_here(runtime: Runtime) -> bool:
    return runtime.host in ("", liveness.host()) and _is_alive(runtime)


def _is_alive(runtime: Runtime) -> bool:
    if runtime.boot_id and liveness.boot_id() not in ("", runtime.boot_id):
        return False
    return liveness.is_alive(runtime.pid, runtime.created)


def _only_its_clock_jumped(home: Path, runtime: Runtime) -> bool:
    """Start times are wall-clock time: after a jump of it, the lock and the service know."""
    return lock.is_held(home / "service.lock") and _answer(runtime) is not None


def _is_older(runtime: Runtime) -> bool:
    return _release(runtime.version) < _release(__version__)


def _release(version: str) -> tuple[int, ...]:
    """The leading numbers: (0, 1, 0) of "0.1.0.dev3"."""
    numbers: list[int] = []
    for part in version.split("."):
        if not part.isdigit():
            break
        numbers.append(int(part))
    return tuple(numbers)


def _understood(runtime: Runtime) -> Runtime:
    if runtime.api != API_VERSION:
        raise Conflict(
            f"The running compute service is of version {runtime.version}, this is {__version__}, "
            "and the two do not understand each other.",
            target=runtime.home,
            hint="Install the same version everywhere, or stop it when its work is done: "
            "jupyter aml service stop",
        )
    return runtime


def _retire(home: Path, runtime: Runtime) -> bool:
    """Stop an older idle service. False: it is busy and goes on."""
    try:
        stop(home)
    except Conflict:
        return False
    except Unavailable:
        # It went away by itself, or another client was faster.
        return not _is_alive(runtime)
    return True


def _launch(home: Path, timeout: float) -> Runtime:
    """Start a service and wait until it answers. The start lock is held."""
    service = launch.Launch(home)
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline:
        has_ended = service.has_ended()
        # Not `find`: trying the lock could take it from the service that is about to.
        runtime = read(home)
        if runtime is not None and _is_alive(runtime) and (told := _answer(runtime)) is not None:
            for text in told.warnings:
                warnings.warn(text, stacklevel=2)
            return runtime
        if has_ended:
            raise _no_start("The compute service ended while it started.", home, service)
        time.sleep(_STEP_SECONDS)
    service.end()
    raise _no_start(f"The compute service did not answer within {timeout:.0f} s.", home, service)


def _answer(runtime: Runtime) -> ServiceStatus | None:
    try:
        return status(runtime)
    except (AmlError, OSError):
        return None


def _make(home: Path) -> None:
    try:
        make_home(home)
    except OSError as error:
        raise _no_home(home, f"cannot be made: {error.strerror}", str(error)) from error
    if not os.access(home, os.W_OK | os.X_OK):
        raise _no_home(home, "cannot be written")


def _no_home(home: Path, why: str, *details: str) -> StorageFull:
    return StorageFull(
        f"The folder for the state of jupyter_aml {why}.",
        target=str(home),
        hint="Make it writable, or give it another place: "
        "export JUPYTER_AML_HOME=/a/folder/of/yours",
        details=list(details),
    )


def _no_start(message: str, home: Path, service: launch.Launch) -> Unavailable:
    """The service's own reason, where it came as far as giving one (as one line of JSON)."""
    said = service.last_words()
    try:
        told = msgspec.json.decode(said.rpartition("\n")[2], type=ErrorEnvelope).error
    except msgspec.DecodeError:
        told = None
    return Unavailable(
        told.message if told else message,
        target=(told and told.target) or str(home),
        hint=(told and told.hint) or f"Start it by hand to see why: {service.command}",
        details=[said] if said else [],
    )


def _unreadable(home: Path, why: str) -> Unavailable:
    return Unavailable(
        "The runtime file of the compute service cannot be read.",
        target=str(home / "service.json"),
        hint="Check its permissions. If it is damaged, end the service by its process and try "
        "again.",
        details=[why],
    )


def _elsewhere(home: Path, runtime: Runtime) -> Unavailable:
    return Unavailable(
        f"The compute service of this home runs on another machine, {runtime.host!r}. "
        "It is left alone.",
        target=str(home),
        hint="Stop it there (jupyter aml service stop), or give this machine a home of its own: "
        "export JUPYTER_AML_HOME=/a/folder/of/this/machine. "
        f"If that machine is gone, delete {home / 'service.json'}.",
    )
