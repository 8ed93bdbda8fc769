"""A world of endpoints without processes: a launcher and a router that do as they are told."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from jupyter_aml.model.endpoint import (
    CreateOnlineDeployment,
    CreateOnlineEndpoint,
    UpdateOnlineEndpoint,
)
from jupyter_aml.model.environment import KERNEL
from jupyter_aml.model.errors import ErrorBody, NotFound
from jupyter_aml.model.registry import Model
from jupyter_aml.service.backends.local.endpoints.deleting import Deleting
from jupyter_aml.service.backends.local.endpoints.deployment_facet import OnlineDeployments
from jupyter_aml.service.backends.local.endpoints.endpoint_facet import OnlineEndpoints
from jupyter_aml.service.backends.local.endpoints.engine import Endpoints
from jupyter_aml.service.backends.local.endpoints.launching import Launched, Measured
from jupyter_aml.service.backends.local.endpoints.recovery import Recovery
from jupyter_aml.service.backends.local.endpoints.rehearsing import Rehearsing
from jupyter_aml.service.backends.local.endpoints.world import World
from jupyter_aml.service.backends.local.jobs.snapshots import Snapshots
from jupyter_aml.service.backends.local.machine.probe import GB, Machine
from jupyter_aml.service.backends.local.machine.sizes import Sizes
from jupyter_aml.service.backends.local.state import Folders
from jupyter_aml.service.environments.place import Place
from jupyter_aml.service.money.meter import Meter
from jupyter_aml.service.store.db import Store
from jupyter_aml.service.waiting.past import PastStarts
from jupyter_aml.testing.clock import FakeClock
from jupyter_aml.testing.fakes import RecordingChanges
from tests.service.local.counted_threads import CountedThreads

FAILURE = {
    "stage": "init",
    "code": "UserScriptInitFailed",
    "message": "KeyError: 'coef'",
    "file": "/x/score.py",
    "line": 7,
    "text": "model['coef']",
    "traceback": ["Traceback", "KeyError: 'coef'"],
}


class FakeWatch:
    def __init__(self, forget: Callable[[], object]) -> None:
        self.cancel = forget


class FakeLauncher:
    """Processes are numbers. ``fails`` and ``dies`` say what the next instances do."""

    def __init__(self) -> None:
        self.running: dict[int, Sequence[str]] = {}
        self.watches: dict[int, Callable[[int | None], object]] = {}
        self.ended: dict[int, int | None] = {}
        """Exit codes of those that are gone."""
        self.launched: list[Sequence[str]] = []
        self.environments: list[Mapping[str, str]] = []
        self.fails = False
        self.dies = False
        self.marked: list[str] = []
        self._next = 1000

    async def launch(
        self, command: Sequence[str], *, env: Mapping[str, str], log: Path, cpus: Sequence[int]
    ) -> Launched:
        self._next += 1
        pid = self._next
        self.running[pid] = command
        self.launched.append(command)
        self.environments.append(env)
        if command[2] == "score":
            self._score(pid, Path(command[3]))
        return Launched(pid, float(pid))

    def _score(self, pid: int, config: Path) -> None:
        state = Path(json.loads(config.read_text())["state"])
        if self.fails:
            state.write_text(json.dumps({"state": "failed", "failure": FAILURE}))
        if self.fails or self.dies:
            # At once: the engine, which stores its pid first, is not watching yet.
            asyncio.get_running_loop().call_soon(self.end, pid, 3 if self.fails else -9)
        else:
            state.write_text(json.dumps({"state": "ready", "pid": pid}))

    def end(self, pid: int, code: int | None) -> None:
        """The process is gone."""
        if self.running.pop(pid, None) is None:
            return
        self.ended[pid] = code
        if told := self.watches.pop(pid, None):
            told(code)

    def watch(self, process: Launched, ended: Callable[[int | None], object]) -> FakeWatch:
        """As the real one: who ended before he was watched is told of as well."""
        if process.pid in self.ended:
            asyncio.get_running_loop().call_soon(ended, self.ended[process.pid])
        else:
            self.watches[process.pid] = ended
        return FakeWatch(lambda: self.watches.pop(process.pid, None))

    def alive(self, process: Launched) -> bool:
        return process.pid in self.running and process.created == float(process.pid)

    def terminate(self, process: Launched) -> None:
        asyncio.get_running_loop().call_soon(self.end, process.pid, 0)

    def kill(self, process: Launched) -> None:
        asyncio.get_running_loop().call_soon(self.end, process.pid, -9)

    async def kill_marked(self, markers: Sequence[str]) -> None:
        self.marked += markers

    def measure(self, process: Launched) -> Measured:
        return Measured(memory_bytes=1 << 20, cpu_seconds=0.1)

    def of(self, part: str) -> list[int]:
        """Pids of the routers, or of the scoring processes."""
        return [pid for pid, command in self.running.items() if command[2] == part]


class FakeRouter:
    """The control connection of one router: knows the table, and says what a test wants."""

    def __init__(self, launcher: FakeLauncher, table: Path, news: Callable[[Any], None]) -> None:
        self._launcher = launcher
        self._path = table
        self.news = news
        self.table: dict[str, Any] = {}
        self.asked: list[str] = []
        self.counters: dict[str, dict[str, Any]] = {}
        self.is_closed = False
        self._ready: set[str] = set()

    async def ask(self, message: dict[str, Any], *answers: str, seconds: float = 10.0) -> Any:
        self.asked.append(message["op"])
        if message["op"] == "leave":
            return {"op": "left"}
        before, self.table = self.table, json.loads(self._path.read_text())
        asyncio.get_running_loop().call_soon(self._look, before)
        return {"op": "adopted", "generation": self.table["generation"]}

    def close(self) -> None:
        self.is_closed = True

    def _look(self, before: dict[str, Any]) -> None:
        """Tell of instances that came up, and of those that left the table."""
        for name, one in self.table["deployments"].items():
            for instance, at in one["instances"].items():
                state = Path(at["begun"]).with_name("state.json")
                is_up = state.exists() and json.loads(state.read_text())["state"] == "ready"
                if is_up and instance not in self._ready:
                    self._ready.add(instance)
                    self.say("instance", deployment=name, instance=instance, state="ready")
        for name, one in before.get("deployments", {}).items():
            now = self.table["deployments"].get(name, {"instances": {}})["instances"]
            for instance in one["instances"]:
                if instance not in now:
                    self.say("instance", deployment=name, instance=instance, state="gone")

    def say(self, op: str, **fields: Any) -> None:
        self.news({"op": op, **fields})

    def count(self, deployment: str, **grown: Any) -> None:
        """Add to the counters of a deployment, and tell all of them."""
        told = self.counters.setdefault(deployment, {"requests": 0, "statuses": {}, "latency": []})
        for name, value in grown.items():
            if name == "statuses":
                for status, count in value.items():
                    told["statuses"][status] = told["statuses"].get(status, 0) + count
            elif name in ("in_flight", "queued", "latency"):
                told[name] = value
            else:
                told[name] = told.get(name, 0) + value
        told_now = json.loads(json.dumps(self.counters))
        self.say("state", deployments=told_now, bounds_ms=[1.0, 10.0, 100.0])


class FakeInterpreters:
    def __init__(self) -> None:
        self.error: ErrorBody | None = None

    def check(self, environment: str) -> tuple[str, list[str]]:
        if environment == "missing":
            raise NotFound("There is no environment 'missing'.", target="environment")
        return environment or KERNEL, []

    async def of_model(
        self, model: Model, interpreters: Sequence[str], needed: Sequence[str]
    ) -> Place:
        """An environment of each model's own."""
        return Place(
            f"of-{model.name}:{model.version}", warnings=[f"{model.reference} has its own."]
        )

    async def ready(
        self, environment: str, tell: Callable[[str], object], *, of: str = ""
    ) -> tuple[str, ErrorBody | None]:
        tell(f"Building environment {environment}")
        await asyncio.sleep(0)
        return "/env/bin/python", self.error


class EndpointWorld:
    """Engine and facets over fakes, on a real store. `restart` is a new service of that home."""

    def __init__(self, folder: Path, store: Store) -> None:
        self.folder = folder
        self.store = store
        self.clock = FakeClock()
        self.launcher = FakeLauncher()
        self.routers: dict[str, FakeRouter] = {}
        self.interpreters = FakeInterpreters()
        self.models: dict[str, Model] = {}
        self.held = ""
        self.is_silent = False
        """Whether instances leave probes unanswered."""
        self.probed: list[float] = []
        """Moments of the clock at which an instance was asked."""
        self.threads = CountedThreads()
        asyncio.get_running_loop().set_default_executor(self.threads)
        self.add_model("digits:1", flavors={"python_object": {}})
        self._make()

    def _make(self) -> None:
        self.changes = RecordingChanges()
        self.meter = Meter(self.store, self.clock)
        self.past = PastStarts(self.store, self.clock)
        folders = Folders(self.folder / "home", self.folder / "run")
        folders.run.mkdir(parents=True, exist_ok=True)
        world = World(
            folders=folders,
            store=self.store,
            clock=self.clock,
            changes=self.changes,
            sizes=Sizes(Machine(cpus=(0, 1), memory_bytes=8 * GB)),
            meter=self.meter,
            past=self.past,
            snapshots=Snapshots(folders.snapshots),
            interpreters=self.interpreters,
            marker=lambda what: f"marker-{what}",
            find_model=self._find,
            held=lambda: self.held,
            launcher=self.launcher,
            connect=self._connect,
            answers=self._answers,
        )
        self.engine = Endpoints(world)
        deleting = Deleting(self.engine)
        self.endpoints = OnlineEndpoints(self.engine, deleting)
        self.rehearsing = Rehearsing(
            self.engine, lambda name, body: self.endpoints.invoke(name, body=body)
        )
        self.deployments = OnlineDeployments(self.engine, deleting, self.rehearsing)
        self._recovery = Recovery(self.engine, deleting)

    async def _answers(self, socket: str, seconds: float) -> bool:
        self.probed.append(self.clock.monotonic())
        return not self.is_silent

    async def open(self) -> None:
        await self._recovery.run()

    async def let_go(self) -> None:
        """The service is killed: nobody listens any more, and processes go on."""
        self.engine.closing = True
        await self.engine.settle()
        self.past.save()
        self.launcher.watches.clear()
        self.endpoints.invoking.close()

    async def restart(self) -> None:
        await self.let_go()
        await self.store.flush()
        self._make()
        await self.open()

    def add_model(self, reference: str, **fields: Any) -> None:
        name, _, version = reference.partition(":")
        where = self.folder / "models" / name / version
        where.mkdir(parents=True, exist_ok=True)
        self.models[reference] = Model(
            name=name,
            version=version,
            type=fields.pop("type", "custom_model"),
            path="",
            local_path=str(where),
            content="",
            bytes=1,
            files=1,
            **fields,
        )

    async def _find(self, name: str, version: str) -> Model:
        found = self.models.get(f"{name}:{version or '1'}")
        if found is None:
            raise NotFound(f"There is no model {name!r}.", target="model")
        return found

    async def _connect(
        self,
        socket: Path,
        news: Callable[[Any], None],
        closed: Callable[[], None],
        alive: Callable[[], bool],
    ) -> FakeRouter:
        newest = next(
            command for command in reversed(self.launcher.launched) if command[2] == "router"
        )
        table = Path(json.loads(Path(newest[3]).read_text())["table"])
        for command in self.launcher.running.values():
            config = json.loads(Path(command[3]).read_text())
            if command[2] == "router" and config["control"] == str(socket):
                table = Path(config["table"])
        router = FakeRouter(self.launcher, table, news)
        self.routers[table.parent.name] = router
        return router

    async def until(self, look: Callable[[], Any], *, seconds: float = 60.0) -> Any:
        """Let the fake time pass until `look` gives something true.

        It stands still while a thread is at work, of the store or of the event loop: these take
        real time, and whatever has a limit by the clock would reach it on a slow disk.
        """
        patience = time.monotonic() + 60.0
        steps = int(seconds / 0.05)
        while steps > 0 or time.monotonic() < patience:
            if found := look():
                return found
            await self.store.flush()
            if not self.threads.at_work:
                await self.clock.pass_time(0.05)
                steps -= 1
            await asyncio.sleep(0.001 if steps > 0 else 0.01)
        raise AssertionError(f"did not happen: {look}")

    async def becomes(self, endpoint: str, name: str, state: str) -> Any:
        """The deployment, once it is in `state`."""
        live = self.engine.all[endpoint].deployments
        await self.until(lambda: live[name].record.state == state)
        return await self.deployments.get(endpoint, name)

    async def finish(self, work: Awaitable[Any]) -> Any:
        """The result of something that waits for the fake time."""
        task = asyncio.ensure_future(work)
        await self.until(task.done)
        return task.result()


def blue(name: str = "blue", model: str = "digits:1", **fields: Any) -> CreateOnlineDeployment:
    return CreateOnlineDeployment(name=name, endpoint_name="digits", model=model, **fields)


async def deployed(world: EndpointWorld, *names: str, **fields: Any) -> None:
    """The endpoint with these deployments, all of them answering; the first has the traffic."""
    await world.endpoints.create(body=CreateOnlineEndpoint(name="digits"))
    for name in names:
        await world.deployments.create("digits", body=blue(name, **fields))
        await world.becomes("digits", name, "Succeeded")
    traffic = {names[0]: 100}
    await world.endpoints.update("digits", body=UpdateOnlineEndpoint(traffic=traffic))
