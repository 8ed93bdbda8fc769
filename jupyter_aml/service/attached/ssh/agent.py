"""The agent: what this project runs on an SSH machine. One file, the standard library alone.

`channel` sends it there and starts it over one ``ssh`` process as ``python agent.py serve ROOT``;
it then speaks JSON lines on stdin and stdout. A job outlives it: a supervisor of its own watches
it and keeps what became of it in ``ROOT/jobs/ID``:

    lock       held by the supervisor for as long as it lives: no pid can be mistaken for it
    pid.json   written before the command begins: with it, and without a supervisor, it was lost
    stdout, stderr, frames   what the job wrote
    stop.json  the wish to end it
    exit.json  how it ended; written aside and renamed, so that it is whole or not there

Needs Python 3.8 and a POSIX system. Values of environment variables are written to no file.
"""

from __future__ import annotations

import base64
import contextlib
import ctypes
import fcntl
import json
import os
import platform
import resource
import select
import shutil
import signal
import subprocess
import sys
import tarfile
import time
from collections.abc import Iterable, Iterator
from typing import Any, Dict, NoReturn  # noqa: UP035 - see `Message`

Message = Dict[str, Any]  # noqa: UP006 - evaluated, so Python 3.8 must know it

STREAMS = ("stdout", "stderr", "frames")
COMPLETE = ".complete"
"""The last member of a tree that is sent: without it the connection broke on the way."""
MARKER = "JUPYTER_AML_JOB_FOLDER"
"""In the environment of every process of a job."""

_BLOCK = 192 * 1024
_LOOK_SECONDS = 0.05
_KEPT_SECONDS = 14 * 24 * 3600
"""Folders of ended jobs that nobody fetched are removed after that."""


# -- one job ------------------------------------------------------------------------------------


class Job:
    """The folder of one job on this machine."""

    def __init__(self, root: str, name: str) -> None:
        if not name or not name.replace("-", "").replace("_", "").isalnum() or name[0] in "-_":
            raise ValueError(f"{name!r} cannot name a job")
        self.folder = os.path.join(root, "jobs", name)

    def path(self, name: str) -> str:
        return os.path.join(self.folder, name)

    def status(self) -> Message:
        """``state`` is unknown, running, ended or lost; of one that ended also how."""
        ended = read_json(self.path("exit.json"))
        if ended is None and self._is_locked():
            return {"state": "running"}
        ended = ended or read_json(self.path("exit.json"))  # it may have ended between the two
        if ended is not None:
            return {"state": "ended", **ended}
        began = read_json(self.path("pid.json"))
        if began is None:
            return {"state": "unknown"}
        end_marked(self.folder)
        if began.get("boot") != boot_id():
            return {"state": "lost", "reason": "the machine was restarted meanwhile"}
        return {"state": "lost", "reason": "the process that watched it was killed"}

    def _is_locked(self) -> bool:
        try:
            file = os.open(self.path("lock"), os.O_RDONLY)
        except FileNotFoundError:
            return False
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except OSError:
            return True
        finally:
            os.close(file)
        return False

    def start(self, command: str, env: dict[str, str], folders: list[str]) -> Message:
        """Start it, unless that was done before: then nothing happens."""
        if not os.path.isdir(self.folder):
            return {"state": "lost", "reason": "its folder on the machine is gone"}
        lock = self._take_lock()
        try:
            if lock is not None and not self._began():
                self._launch(lock, command, env, folders)
        finally:
            if lock is not None:
                os.close(lock)
        return self.status()

    def _began(self) -> bool:
        if os.path.exists(self.path("exit.json")) or os.path.exists(self.path("pid.json")):
            return True
        if os.path.exists(self.path("stop.json")):
            write_json(self.path("exit.json"), {"code": None, "signal": int(signal.SIGTERM)})
            return True
        return False

    def _take_lock(self) -> int | None:
        """None when its supervisor has it. Another agent that only looks lets go at once."""
        file = os.open(self.path("lock"), os.O_RDWR | os.O_CREAT, 0o600)
        deadline = time.monotonic() + 5
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return file
            except OSError:
                if os.path.exists(self.path("pid.json")) or time.monotonic() > deadline:
                    os.close(file)
                    return None
                time.sleep(0.01)

    def _launch(self, lock: int, command: str, env: dict[str, str], folders: list[str]) -> None:
        for name in folders:
            os.makedirs(self.path(name), 0o700, exist_ok=True)
        ours, theirs = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(ours)
            detach(lock, theirs)
            try:
                Supervisor(self, command, env, theirs).run()
            except BaseException as error:  # nobody is left to catch it: it is told as the end
                message = f"{type(error).__name__}: {error}"
                write_json(self.path("exit.json"), {"code": None, "message": message})
            finally:
                os._exit(0)
        os.close(theirs)
        os.waitpid(child, 0)
        os.read(ours, 1)  # until the supervisor has begun, or has died of trying
        os.close(ours)

    def stop(self, grace: float) -> None:
        """Ask for its end; doing it twice changes nothing."""
        if os.path.isdir(self.folder) and not os.path.exists(self.path("exit.json")):
            write_json(self.path("stop.json"), {"grace": grace})

    def forget(self) -> None:
        if self.status()["state"] != "running":
            shutil.rmtree(self.folder, ignore_errors=True)

    def read(self, stream: str, offset: int) -> bytes:
        try:
            file = os.open(self.path(stream), os.O_RDONLY)
        except FileNotFoundError:
            return b""
        try:
            os.lseek(file, offset, os.SEEK_SET)
            return os.read(file, _BLOCK)
        finally:
            os.close(file)


class Supervisor:
    """The process that stays with a job: starts it, waits, ends what is left, says how it was."""

    def __init__(self, job: Job, command: str, env: dict[str, str], told: int) -> None:
        self._job = job
        self._command = command
        path = os.pathsep.join(
            [os.path.dirname(sys.executable), os.environ.get("PATH", os.defpath)]
        )
        self._env = {**os.environ, "PATH": path, **env, MARKER: job.folder}
        self._told = told

    def run(self) -> None:
        prctl(36, 1)  # PR_SET_CHILD_SUBREAPER: whoever leaves the tree becomes a child of ours
        write_json(self._job.path("pid.json"), {"pid": os.getpid(), "boot": boot_id()})
        try:
            process = self._start()
        except OSError as error:
            self._ended({"code": None, "message": f"{error.strerror}: {error.filename}"})
            return
        finally:
            os.close(self._told)
        status = self._wait(process.pid)
        end_below(process.pid)
        self._ended(ending(status))

    def _start(self) -> subprocess.Popen[bytes]:
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
        files = [os.open(self._job.path(name), flags, 0o600) for name in STREAMS[:2]]
        try:
            return subprocess.Popen(
                ["/bin/sh", "-c", self._command],
                stdin=subprocess.DEVNULL,
                stdout=files[0],
                stderr=files[1],
                cwd=self._job.path("work"),
                env=self._env,
                start_new_session=True,
                preexec_fn=die_with_parent,
            )
        finally:
            for file in files:
                os.close(file)

    def _wait(self, pid: int) -> int:
        """The exit status of the command; ends it on the way when that is asked for."""
        pause, deadline, status = 0.005, None, None
        while True:
            found = reap(pid)
            status = found if found is not None else status
            # Whoever was asked to end has its grace, also when the shell above it is gone.
            if status is not None and (deadline is None or not below(os.getpid())):
                return status
            if deadline is None and (wish := read_json(self._job.path("stop.json"))):
                deadline, pause = time.monotonic() + float(wish["grace"]), 0.005
                tell_below(pid, signal.SIGTERM)
            if deadline is not None and time.monotonic() >= deadline:
                tell_below(pid, signal.SIGKILL)
            time.sleep(pause)
            pause = min(0.1, pause * 1.5)

    def _ended(self, how: Message) -> None:
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        unit = 1 if sys.platform == "darwin" else 1024
        how["cpu_seconds"] = round(used.ru_utime + used.ru_stime, 4)
        how["peak_memory"] = used.ru_maxrss * unit
        how["ended"] = time.time()
        write_json(self._job.path("exit.json"), how)


def ending(status: int) -> Message:
    if os.WIFSIGNALED(status):
        return {"code": None, "signal": os.WTERMSIG(status)}
    return {"code": os.WEXITSTATUS(status)}


# -- processes ----------------------------------------------------------------------------------


def detach(*kept: int) -> None:
    """Leave whoever started us: a second fork, a session and streams of our own."""
    if os.fork():
        os._exit(0)
    os.setsid()
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nowhere, stream)
    for file in range(3, 256):
        if file not in kept:
            with contextlib.suppress(OSError):
                os.close(file)
    os.chdir("/")


def prctl(option: int, value: int) -> None:
    if sys.platform.startswith("linux"):
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(option, value, 0, 0, 0)


def die_with_parent() -> None:
    """PR_SET_PDEATHSIG, in the command's own process before it becomes the shell."""
    prctl(1, int(signal.SIGKILL))
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


def reap(pid: int) -> int | None:
    """Take in every child that ended; the exit status of `pid` if it is among them."""
    found = None
    while True:
        try:
            ended, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return found
        if ended == 0:
            return found
        if ended == pid:
            found = status


def kill(pid: int, number: int) -> None:
    with contextlib.suppress(OSError):
        os.kill(pid, number)


def tell_below(leader: int, number: int) -> None:
    """Signal everything below this process, whatever sessions it has moved to."""
    for pid in below(os.getpid()):
        kill(pid, number)
    if not os.path.isdir("/proc/self"):  # nothing to look at: its session is what we know
        with contextlib.suppress(OSError):
            os.killpg(leader, number)


def end_below(leader: int) -> None:
    """Kill what the command left behind; nothing of it is there afterwards."""
    for _ in range(500):
        tell_below(leader, signal.SIGKILL)
        reap(0)
        if not below(os.getpid()):
            return
        time.sleep(0.01)


def below(root: int) -> list[int]:
    """Every process that descends from `root` and still runs; empty where there is no /proc."""
    children: dict[int, list[int]] = {}
    dead: set[int] = set()
    for pid in processes():
        with contextlib.suppress(OSError, ValueError, IndexError):
            with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as stream:
                fields = stream.read().rpartition(")")[2].split()
            children.setdefault(int(fields[1]), []).append(pid)
            if fields[0] in "ZX":
                dead.add(pid)
    found: list[int] = []
    line = [root]
    while line:
        line = [child for parent in line for child in children.get(parent, [])]
        found += line
    return [pid for pid in found if pid not in dead]


def end_marked(folder: str) -> None:
    """Kill the processes of a job whose supervisor is dead: their environment says whose."""
    needle = f"{MARKER}={folder}".encode()
    for pid in processes():
        with contextlib.suppress(OSError):
            with open(f"/proc/{pid}/environ", "rb") as stream:
                is_ours = needle in stream.read().split(b"\0")
            if is_ours and pid != os.getpid():
                kill(pid, signal.SIGKILL)


def processes() -> Iterator[int]:
    with contextlib.suppress(OSError):
        yield from (int(name) for name in os.listdir("/proc") if name.isdigit())


# -- the conversation ---------------------------------------------------------------------------


class Agent:
    """Answers requests until its stdin ends. One thread; nothing here takes long."""

    def __init__(self, root: str) -> None:
        self._root = root
        self._waiting: list[Message] = []
        self._rest = b""

    def run(self) -> None:
        os.makedirs(os.path.join(self._root, "jobs"), 0o700, exist_ok=True)
        say(self.hello())
        self._prune()
        while self._read():
            self._waiting = [one for one in self._waiting if not self._looked(one)]

    def hello(self) -> Message:
        cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
        return {
            "hello": 1,
            "root": self._root,
            "cores": cores,
            "memory": memory(),
            "disk": shutil.disk_usage(self._root).free,
            "system": f"{platform.system()} {platform.machine()}",
            "python": platform.python_version(),
            "warnings": list(warnings()),
        }

    def _read(self) -> bool:
        """Answer what came in; False once nobody is there any more."""
        if not select.select([0], [], [], _LOOK_SECONDS if self._waiting else None)[0]:
            return True
        data = os.read(0, 1 << 16)
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            self._answer(json.loads(line))
        return bool(data)

    def _answer(self, request: Message) -> None:
        try:
            if request["op"] == "look":
                request["until"] = time.monotonic() + request["wait"]
                if not self._looked(request):
                    self._waiting.append(request)
                return
            say({"id": request["id"], "ok": self._do(request)})
        except (OSError, ValueError) as error:
            say({"id": request["id"], "error": str(error)})

    def _do(self, request: Message) -> Message:
        op, job = request["op"], Job(self._root, request["job"])
        if op == "start":
            return job.start(request["command"], request["env"], request["folders"])
        if op == "left":
            return {"names": [name for name in request["names"] if holds_files(job.path(name))]}
        if op == "make":
            os.makedirs(job.folder, 0o700, exist_ok=True)
        elif op == "stop":
            job.stop(request["grace"])
        elif op == "forget":
            job.forget()
            return {}
        return job.status()

    def _looked(self, request: Message) -> bool:
        """Answer a `look` if there is something new, or it has waited for long enough."""
        job = Job(self._root, request["job"])
        status = job.status()  # before the streams: what an ended job wrote is all there
        data = {name: job.read(name, at) for name, at in request["offsets"].items()}
        news = {name: base64.b64encode(one).decode() for name, one in data.items() if one}
        if not news and status["state"] == "running" and time.monotonic() < request["until"]:
            return False
        say({"id": request["id"], "ok": {"status": status, "data": news}})
        return True

    def _prune(self) -> None:
        """Remove what ended long ago and was never fetched."""
        folder = os.path.join(self._root, "jobs")
        for name in os.listdir(folder):
            path = os.path.join(folder, name)
            with contextlib.suppress(OSError):
                if "." in name:  # a tree that was half sent
                    path_time = os.stat(path).st_mtime
                else:
                    path_time = os.stat(os.path.join(path, "exit.json")).st_mtime
                if time.time() - path_time > _KEPT_SECONDS:
                    shutil.rmtree(path, ignore_errors=True)


def say(message: Message) -> None:
    data = memoryview(json.dumps(message).encode() + b"\n")
    while data:
        data = data[os.write(1, data) :]


def warnings() -> Iterator[str]:
    """What lets jobs start and still takes them away."""
    path = "/etc/systemd/logind.conf"
    with contextlib.suppress(OSError), open(path, encoding="utf-8", errors="replace") as stream:
        for line in stream:
            if line.replace(" ", "").strip().lower() == "killuserprocesses=yes":
                yield (
                    "systemd ends every process at the end of a login there: run "
                    "`loginctl enable-linger` on it"
                )


def memory() -> int:
    with contextlib.suppress(OSError, ValueError):
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return 0


def boot_id() -> str:
    with contextlib.suppress(OSError), open("/proc/sys/kernel/random/boot_id") as stream:
        return stream.read().strip()
    return ""


# -- files --------------------------------------------------------------------------------------


def unpack(root: str, name: str) -> None:
    """Make a job's folder of the tar on stdin, whole or not at all; one that began stays."""
    job = Job(root, name)
    unfinished = f"{job.folder}.{os.getpid()}"
    os.makedirs(unfinished, 0o700)
    try:
        is_complete = False
        with tarfile.open(fileobj=sys.stdin.buffer, mode="r|") as tar:
            for member in tar:
                is_complete = member.name == COMPLETE
                if not is_complete:
                    _unpack_one(tar, member, unfinished)
        if not is_complete:
            raise SystemExit("the files did not come in whole")
        if job.status()["state"] == "unknown":
            shutil.rmtree(job.folder, ignore_errors=True)
            os.rename(unfinished, job.folder)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    print("unpacked")


def _unpack_one(tar: tarfile.TarFile, member: tarfile.TarInfo, folder: str) -> None:
    goal = os.path.normpath(os.path.join(folder, member.name))
    if not goal.startswith(folder + os.sep):
        raise SystemExit(f"{member.name!r} lies outside of the job's folder")
    if member.isdir():
        os.makedirs(goal, 0o700, exist_ok=True)
    elif member.isfile():
        os.makedirs(os.path.dirname(goal), 0o700, exist_ok=True)
        source = tar.extractfile(member)
        assert source is not None
        with open(goal, "wb") as stream:
            shutil.copyfileobj(source, stream)
        os.chmod(goal, 0o700 if member.mode & 0o100 else 0o600)


def pack(root: str, name: str, wanted: Iterable[str]) -> None:
    """Write those of the `wanted` that are there to stdout as a tar, and its end mark."""
    job = Job(root, name)
    with tarfile.open(fileobj=sys.stdout.buffer, mode="w|") as tar:

        def each_whole(member: tarfile.TarInfo) -> tarfile.TarInfo | None:
            # Else a second name of a file would be a link, which a stream cannot follow.
            tar.inodes.clear()  # type: ignore[attr-defined]
            return member if member.isfile() or member.isdir() or member.issym() else None

        for inner in wanted:
            if os.path.lexists(job.path(inner)):
                tar.add(job.path(inner), inner, filter=each_whole)
        tar.addfile(tarfile.TarInfo(COMPLETE))


def holds_files(path: str) -> bool:
    """Whether there is anything to fetch: a file, or a folder with one below it."""
    if not os.path.isdir(path):
        return os.path.lexists(path)
    return any(names for _, _, names in os.walk(path))


def read_json(path: str) -> Message | None:
    try:
        with open(path, encoding="utf-8") as stream:
            found: Message = json.load(stream)
        return found
    except (OSError, ValueError):
        return None


def write_json(path: str, value: Message) -> None:
    unfinished = f"{path}.{os.getpid()}"
    with open(unfinished, "w", encoding="utf-8") as stream:
        json.dump(value, stream)
        stream.flush()
        os.fsync(stream.fileno())
    os.rename(unfinished, path)


def main(arguments: list[str]) -> NoReturn:
    verb, root, *rest = arguments
    os.umask(0o077)
    if verb == "serve":
        with contextlib.suppress(BrokenPipeError):
            Agent(os.path.realpath(root)).run()
    elif verb == "unpack":
        unpack(os.path.realpath(root), rest[0])
    else:
        pack(os.path.realpath(root), rest[0], rest[1:])
    sys.exit(0)


if __name__ == "__main__":
    main(sys.argv[1:])
