"""One deployment: its instances, the requests that wait for one, its counters."""

from __future__ import annotations

import collections
from collections.abc import Sequence
from typing import Any, Protocol

from .counters import Counters
from .http_instance import HttpInstance
from .instance import FrameInstance, Instance
from .reply import Refusal
from .request import Request
from .table import DeploymentSpec

_WAITING_FOR_NONE = 100  # requests that may wait while there is no instance at all
_WANTED_SECONDS = 1.0


class Surroundings(Protocol):
    """What a deployment needs of the router."""

    def now(self) -> float:
        """A clock that never goes back."""
        ...

    def finished(self, request: Request, status: int, lines: bytes, body: bytes) -> None:
        """Count, log and send an answer."""
        ...

    def tell(self, **event: Any) -> None:
        """Say something to whoever watches."""
        ...


class Deployment:
    """Lives as long as its name is in the table."""

    def __init__(self, name: str, spec: DeploymentSpec, router: Surroundings) -> None:
        self.name = name
        self.spec = DeploymentSpec()
        self.line = b"azureml-model-deployment: %s\r\n" % name.encode()
        self.counters = Counters()
        self.instances: dict[str, Instance] = {}
        self._leaving: list[Instance] = []
        self._queue: collections.deque[Request] = collections.deque()
        self._router = router
        self._wanted_at = -_WANTED_SECONDS
        self.adopt(spec)

    def adopt(self, spec: DeploymentSpec) -> None:
        """Follow a new table. Instances that stay keep their connections."""
        is_other = spec.protocol != self.spec.protocol
        self.spec = spec
        for name, instance in list(self.instances.items()):
            if is_other or spec.instances.get(name) != instance.spec:
                del self.instances[name]
                self._leaving.append(instance)
                instance.leave()
        kind = FrameInstance if spec.protocol == "frames" else HttpInstance
        for name, place in spec.instances.items():
            if name not in self.instances:
                self.instances[name] = kind(name, place, self)
                self.instances[name].start()
            self.instances[name].is_held = name in spec.held
        self.pump()

    def leave(self) -> None:
        """It is not in the table any more: what is in flight is answered, what waits is told."""
        self.adopt(DeploymentSpec(timeout_ms=self.spec.timeout_ms))
        for request in self._drained():
            request.refuse(Refusal(404, "NoDeployment", f"Deployment {self.name} was deleted."))

    @property
    def is_idle(self) -> bool:
        """Nothing of it is in flight or waits."""
        return not self.counters.in_flight

    @property
    def queued(self) -> int:
        """How many wait for an instance."""
        return sum(not request.is_done for request in self._queue)

    @property
    def ready(self) -> int:
        """How many instances can take requests."""
        return sum(instance.is_ready for instance in self.instances.values())

    def is_freer(self, other: Deployment) -> bool:
        """Would a request have fewer before it here than at the other, and find room at both?"""
        mine, its = self._free(), other._free()
        return mine is not None and its is not None and len(mine.pending) < len(its.pending)

    def submit(self, request: Request) -> None:
        """Take a request on: it gets its one answer, whatever happens."""
        request.deployment = self
        counters = self.counters
        counters.requests += 1
        counters.bytes_in += len(request.body)
        counters.begin(request.started_at)
        if not self._queue:
            instance = self._free()
            if instance is not None:
                request.sent_at = request.started_at
                instance.send(request)
                return
        self._wait(request)

    def mirror(self, request: Request) -> None:
        """Take a copy on if an instance is free; nobody waits for its answer."""
        instance = self._free()
        if instance is None or self._queue:
            self.counters.failures["MirrorSkipped"] += 1
            return
        request.is_mirrored = True
        self.counters.mirrored += 1
        self.submit(request)

    def pump(self) -> None:
        """Send what waits, as far as there is room."""
        queue = self._queue
        while queue:
            if queue[0].is_done:
                queue.popleft()
                continue
            instance = self._free()
            if instance is None:
                return
            request = queue.popleft()
            request.sent_at = self._router.now()
            instance.send(request)

    def again(self, requests: Sequence[Request]) -> None:
        """Requests that no user code has seen: to another instance, before those that wait."""
        self.counters.retried += len(requests)
        self._queue.extendleft(reversed(requests))
        self.pump()

    def check(self, now: float) -> None:
        """Twenty times a second while something is in flight: end what takes too long."""
        for instance in (*self.instances.values(), *self._leaving):
            instance.check(now)
        self._leaving = [each for each in self._leaving if each.state != "gone"]
        is_ready = self.ready > 0
        limit = self.spec.timeout_ms / 1000 if is_ready else self.spec.hold_seconds
        while self._queue and (self._queue[0].is_done or now - self._queue[0].queued_at > limit):
            request = self._queue.popleft()
            if not request.is_done:
                request.refuse(self.too_slow() if is_ready else self._none())
        if self._queue and not is_ready:
            self._want(now)

    def too_slow(self) -> Refusal:
        """The answer to a request that is over its time."""
        message = f"{self.name} did not answer within {self.spec.timeout_ms} ms."
        return Refusal(408, "Timeout", message)

    def tell(self, instance: Instance, *, in_flight: int = 0, message: str = "") -> None:
        """Say how an instance is now."""
        state = "lost" if instance.state == "connecting" else instance.state
        self._router.tell(
            op="instance",
            deployment=self.name,
            instance=instance.name,
            state=state,
            message=message,
            in_flight=in_flight,
        )

    def finished(self, request: Request, status: int, lines: bytes, body: bytes) -> None:
        """Called once for each request that was taken on."""
        self._router.finished(request, status, lines, body)

    def told(self, now: float) -> dict[str, Any]:
        """As the control socket says it."""
        return {
            **self.counters.told(now),
            "queued": self.queued,
            "instances": {
                name: {
                    "state": instance.state,
                    "in_flight": len(instance.pending),
                    "requests": instance.requests,
                }
                for name, instance in self.instances.items()
            },
        }

    def _free(self) -> Instance | None:
        """The ready instance with the fewest requests in flight, if it may have one more."""
        best: Instance | None = None
        fewest = self.spec.max_concurrent
        for instance in self.instances.values():
            count = len(instance.pending)
            if count < fewest and instance.is_ready:
                best, fewest = instance, count
        return best

    def _wait(self, request: Request) -> None:
        ready = self.ready
        if not ready and self.spec.trouble:
            request.refuse(self._none())
            return
        room = self.spec.max_queue
        if room is None:
            room = self.spec.max_concurrent * max(ready, 1)
        if not ready:
            room = max(room, _WAITING_FOR_NONE)
        if len(self._queue) >= room and self.queued >= room:
            message = f"{self.name} has {self.counters.in_flight - 1} requests in flight."
            request.refuse(Refusal(429, "TooManyRequests", message, retry_after=1))
            return
        self._queue.append(request)
        if not ready:
            self._want(request.started_at)

    def _want(self, now: float) -> None:
        if now - self._wanted_at >= _WANTED_SECONDS:
            self._wanted_at = now
            self._router.tell(op="wanted", deployment=self.name, waiting=self.queued)

    def _none(self) -> Refusal:
        why = self.spec.trouble or f"none came within {self.spec.hold_seconds:g} s"
        return Refusal(503, "NoInstance", f"{self.name} has no instance: {why}", retry_after=5)

    def _drained(self) -> list[Request]:
        waiting = [request for request in self._queue if not request.is_done]
        self._queue.clear()
        return waiting
