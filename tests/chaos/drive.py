"""Perform a `Scenario` against the real service and hand the evidence to `check`.

Callers: the chaos tests with fixed seeds, `bench.soak` with fresh ones. Everything a round makes
lies in one folder, which is all that `check` is given; a failing round can be looked at there.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec
import psutil

from jupyter_aml.client import connect, discovery
from jupyter_aml.client.home import run_folder
from jupyter_aml.model.compute import AmlCompute
from jupyter_aml.model.errors import AmlError
from jupyter_aml.model.job import JobSpec
from jupyter_aml.model.lifecycle import JOB
from tests.chaos import check, sessions
from tests.chaos.scenario import CLUSTER, CLUSTER_NODES, Job, Kill, Scenario, ledger
from tests.chaos.sessions import CellKill, Session

ROUND_SECONDS = 90.0
_STEP_SECONDS = 0.01
_ROOT = Path(__file__).parents[2]
_FOLDERS = ("ledger", "gates", "jobs", "events", "live")

_encode = msgspec.json.Encoder().encode


class Stuck(Exception):
    """The round did not come to its end in time; the text says what was waited for."""


def run(
    scenario: Scenario, folder: Path, home: Path | None = None, *, stop: bool = True
) -> list[str]:
    """Perform one round in `folder` (new, empty); return its defects. Leaves no process.

    Without `stop` the service, and idle nodes, stay for the next round of the same `home`.
    """
    return Round(scenario, folder, home or folder / "home").run(stop=stop)


class Round:
    def __init__(self, scenario: Scenario, folder: Path, home: Path) -> None:
        self.scenario = scenario
        self.folder = folder
        self.home = home
        for name in _FOLDERS:
            (folder / name).mkdir(parents=True)
        (folder / "seed").write_text(str(scenario.seed))
        (folder / "home").write_text(f"{home}\n{run_folder(home)}")
        self._deadline = time.monotonic() + ROUND_SECONDS
        self._follower: subprocess.Popen[bytes] | None = None
        self._client = connect(home=home)
        self._pending = list(scenario.kills)
        self._pending_cells = list(scenario.cells.kills)

    def run(self, *, stop: bool) -> list[str]:
        """See `run`."""
        try:
            defects = self._to_the_end()
        except Stuck as stuck:
            defects = [f"stuck: {stuck}"]
        except AmlError as error:
            # whoever calls while things are killed is to be served by the next service
            defects = [f"a call was refused: {error}"]
        finally:
            self._let_go()
        if not stop and not defects:
            return defects
        return defects + self._stop() + self._check("--gone")

    def _to_the_end(self) -> list[str]:
        computes = self._computes()
        for job in self.scenario.jobs:
            if job.index == self.scenario.cells.after:
                self._send_cells(computes)
            spec = self.scenario.spec(job, self.folder, computes)
            self._client.jobs.create(msgspec.convert(spec, JobSpec), name=job.name)
            self._kill_where(lambda kill, job=job: kill.job == job.index and kill.line == 0)
        if self.scenario.cells.after == len(self.scenario.jobs):
            self._send_cells(computes)
        self._follow()
        self._until("the last kill", self._kill_what_is_due)
        self._until("all jobs to end", lambda: not self._active())
        self._until("the follower to end", lambda: self._following.poll() is not None)
        self._keep()
        return self._check()

    def _send_cells(self, computes: Mapping[str, str]) -> None:
        """All cells of all sessions, in one request."""
        cells = self.scenario.cells
        specs = [cells.spec(*cell, self.folder, computes) for cell in cells.line()]
        self._client.jobs.create_many(
            [msgspec.convert(spec, JobSpec) for spec in specs], cells.names()
        )

    def _computes(self) -> Mapping[str, str]:
        sizes = self._client.compute.sizes("amlcompute").value
        small = min(
            (size for size in sizes if size.name.startswith("local.") and size.available),
            key=lambda size: (size.vcpus, size.memory_gb),
        )
        self._client.compute.create(
            AmlCompute(name=CLUSTER, size=small.name, max_instances=CLUSTER_NODES)
        )
        return {"local": "local", CLUSTER: CLUSTER}

    # -- waiting --------------------------------------------------------------------------

    def _until(self, what: str, is_so: Callable[[], bool]) -> None:
        while not is_so():
            if time.monotonic() > self._deadline:
                raise Stuck(f"waited for {what}; {self._states()}")
            time.sleep(_STEP_SECONDS)

    def _active(self) -> dict[str, str]:
        """Jobs that have not ended, by name."""
        page = self._client.jobs.list(max_results=100)
        found = {job.name: job.status for job in page.value}
        return {
            name: found.get(name, "unknown")
            for name in self._names()
            if found.get(name) not in JOB.final
        }

    def _names(self) -> list[str]:
        """Of everything that was sent: jobs and cells."""
        return [*(job.name for job in self.scenario.jobs), *self.scenario.cells.names()]

    def _states(self) -> str:
        with contextlib.suppress(AmlError):
            return json.dumps(self._active())
        return "the service does not answer"

    # -- killing --------------------------------------------------------------------------

    def _kill_what_is_due(self) -> bool:
        """Make the kills whose line was reached; drop those whose job ended before. True: done."""
        self._kill_where(lambda kill: self._line(self._job(kill)) >= kill.line)
        self._kill_under_cells()
        if self._pending or self._pending_cells:
            active = self._active()
            for kill in [k for k in self._pending if self._job(k).name not in active]:
                self._pending.remove(kill)
            for cell in [k for k in self._pending_cells if k.session.cell(k.cell) not in active]:
                self._pending_cells.remove(cell)
        return not (self._pending or self._pending_cells)

    def _kill_where(self, is_due: Callable[[Kill], bool]) -> None:
        for kill in [kill for kill in self._pending if is_due(kill)]:
            self._pending.remove(kill)
            self._kill(kill)

    def _kill(self, kill: Kill) -> None:
        job = self._job(kill)
        victims = {target: self._victim(target, job) for target in kill.targets}
        self._strike(victims, {"job": job.name, "compute": job.compute})
        if kill.holds and kill.line:
            (self.folder / "gates" / f"{job.name}.{kill.line}").touch()

    def _kill_under_cells(self) -> None:
        """Make the kills whose cell has written its line."""
        for kill in list(self._pending_cells):
            if [kill.cell] in sessions.notes(self.folder, kill.session, "said"):
                self._pending_cells.remove(kill)
                self._kill_under(kill)

    def _kill_under(self, kill: CellKill) -> None:
        session = kill.session
        victims = {target: self._victim_under(target, session) for target in kill.targets}
        self._strike(victims, {"session": session.name, "compute": session.compute})
        if kill.holds:
            sessions.gate(self.folder, session, kill.cell).touch()

    def _strike(self, victims: Mapping[str, int | None], entry: Mapping[str, str]) -> None:
        """Kill them all; what is needed to go on is there again afterwards."""
        with open(self.folder / "journal.jsonl", "a") as file:
            file.write(json.dumps({**entry, "targets": [*victims], "pids": victims}) + "\n")
        for pid in filter(None, victims.values()):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        if self._follower is not None and "client" in victims:
            self._follower.wait()
            self._follow()
        discovery.start(self.home)

    def _victim_under(self, target: str, session: Session) -> int | None:
        """`_victim` of what runs a session's cells."""
        if target == "session":
            started = sessions.notes(self.folder, session, "start")
            return started[-1][1] if started else None
        if target == "node":
            nodes = self._client.compute.nodes(session.compute).nodes
            return next((node.pid for node in nodes if session.name in node.sessions), None)
        return self._victim(target)

    def _victim(self, target: str, job: Job | None = None) -> int | None:
        """The process to kill; None where there is none at this moment."""
        if target == "service":
            runtime = discovery.find(self.home)
            return runtime.pid if runtime else None
        if target == "client":
            return self._follower.pid if self._follower else None
        if target == "nursery":
            return _listener(run_folder(self.home), "nursery")
        assert job is not None
        if target == "node":
            nodes = self._client.compute.nodes(job.compute).nodes
            return next((node.pid for node in nodes if job.name in node.jobs), None)
        return next((int(words[2]) for words in self._notes(job, "start")), None)

    def _job(self, kill: Kill) -> Job:
        return self.scenario.jobs[kill.job]

    def _line(self, job: Job) -> int:
        """The last line its main writer has noted."""
        return next((int(w[4]) for w in self._notes(job, "line") if w[2:4] == ["main", "out"]), 0)

    def _notes(self, job: Job, word: str) -> Iterator[list[str]]:
        """The notes of that kind in the job's ledger, newest first."""
        path = ledger(self.folder, job.name)
        lines = path.read_text().splitlines() if path.exists() else []
        return (line.split() for line in reversed(lines) if line.startswith(word + " "))

    # -- following, collecting ---------------------------------------------------------------

    @property
    def _following(self) -> subprocess.Popen[bytes]:
        assert self._follower is not None
        return self._follower

    def _follow(self) -> None:
        names = [job.name for job in self.scenario.jobs]
        live = str(self.folder / "live")
        self._follower = subprocess.Popen(
            [sys.executable, "-m", "tests.chaos.follower", str(self.home), live, *names],
            cwd=_ROOT,
            env={**os.environ, "JUPYTER_AML_HOME": str(self.home)},
        )

    def _keep(self) -> None:
        """Write down what the service tells at the end."""
        for name in self._names():
            with contextlib.suppress(AmlError):  # a job that is lost is missing in the evidence
                shown = self._client.jobs.get(name)
                (self.folder / "jobs" / f"{name}.json").write_bytes(_encode(shown))
                with open(self.folder / "events" / f"{name}.jsonl", "wb") as file:
                    for event in self._client.jobs.follow(name, wait=False):
                        file.write(_encode(event) + b"\n")

    def _check(self, *options: str) -> list[str]:
        arguments = [sys.executable, "-m", "tests.chaos.check", *options, str(self.folder)]
        done = subprocess.run(arguments, cwd=_ROOT, capture_output=True, text=True, check=False)
        said = done.stdout.splitlines()
        return said if done.returncode in (0, 1) else [*said, f"the check failed: {done.stderr}"]

    def _let_go(self) -> None:
        if self._follower is not None and self._follower.poll() is None:
            self._follower.kill()
            self._follower.wait()
        self._client.close()

    def _stop(self) -> list[str]:
        """End everything of the home; what does not end is a defect, and is killed."""
        try:
            discovery.stop(self.home, force=True)
        except AmlError as error:
            for process in _processes_of(self.home):
                process.kill()
            return [f"the service did not stop: {error}"]
        return []


def describe(scenario: Scenario) -> str:
    """The kills of a round, in words, for whoever has to look into a failing seed."""
    jobs: list[Any] = list(scenario.jobs)
    kills = [check.explain(kill, jobs[kill.job]) for kill in scenario.kills]
    return "; ".join(kills + [check.explain_cells(kill) for kill in scenario.cells.kills])


def _listener(folder: Path, name: str) -> int | None:
    """Who listens on the Unix socket in `folder` whose name begins with `name`."""
    for found in psutil.net_connections(kind="unix"):
        if found.pid and str(found.laddr).startswith(f"{folder}/{name}"):
            return found.pid
    return None


def _processes_of(home: Path) -> Iterator[psutil.Process]:
    """Service, nursery and nodes of a home: whatever names it, or the folder of its sockets."""
    names = (str(home), str(run_folder(home)))
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if process.pid != os.getpid() and any(n in " ".join(process.cmdline()) for n in names):
                yield process
