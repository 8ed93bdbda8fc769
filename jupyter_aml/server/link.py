"""Jupyter Server's one way to the service: find it, start it when needed, send it requests.

Finding reads files and starting takes seconds, so both run in a thread; requests that come
meanwhile share one attempt. What was found is kept until the service no longer answers there.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence

from jupyter_aml.model.errors import AmlError, ServiceNotRunning, Unavailable
from jupyter_aml.server import upstream
from jupyter_aml.server.endpoint import Endpoint
from jupyter_aml.server.upstream import Answer, Header

DYING_SECONDS = 1.0
"""More than a killed process takes from closing its sockets to leaving the process table."""
STEP_SECONDS = 0.01
Find = Callable[[], Endpoint | None]
Start = Callable[[], Endpoint]
IsStopped = Callable[[], bool]


class ServiceLink:
    """All three block. `find` never starts anything; `start` takes a service that runs;
    `is_stopped` tells a service that somebody ended, or that ended when idle, from one that died.
    """

    def __init__(self, find: Find, start: Start, is_stopped: IsStopped = lambda: False) -> None:
        self._find = find
        self._start = start
        self._is_stopped = is_stopped
        self._endpoint: Endpoint | None = None
        self._attempt: asyncio.Task[Endpoint] | None = None
        self.last_error: AmlError | None = None
        """Why the last attempt to reach the service failed; None after one that did not."""

    @property
    def is_starting(self) -> bool:
        return self._attempt is not None

    async def find(self) -> Endpoint | None:
        """The live service, if there is one. Starts nothing."""
        return await asyncio.to_thread(self._find)

    async def was_stopped(self) -> bool:
        """Whether a service that is not there ended in order, and did not die."""
        return await asyncio.to_thread(self._is_stopped)

    async def reach(self) -> Endpoint:
        """The live service, started if need be. Raise the `AmlError` that says why not."""
        if self._endpoint is None:
            if self._attempt is None:
                self._attempt = asyncio.create_task(self._find_or_start())
                self._attempt.add_done_callback(self._attempted)
            # Shielded: the first caller may go away while others wait for the same attempt.
            return await asyncio.shield(self._attempt)
        return self._endpoint

    async def resume(self) -> Endpoint:
        """The live service, started again if it died. Raise `ServiceNotRunning` if it was stopped:
        it stays so until somebody wants something of it.
        """
        if self._endpoint is None and self._attempt is None:
            # In this order: a service that ends removes its runtime file first.
            if (found := await self.find()) is not None:
                self._endpoint = found
            elif await self.was_stopped():
                raise ServiceNotRunning(
                    "The compute service was stopped.",
                    hint="Start it: `jupyter aml service start`",
                )
        return await self.reach()

    async def ask(
        self,
        method: str,
        target: str,
        *,
        headers: Sequence[Header] = (),
        body: bytes = b"",
        may_start: bool = True,
    ) -> Answer:
        """Send one request to the service, started if need be. See `upstream.ask`.

        Without `may_start` a stopped service stays stopped; see `resume`.

        A service that has moved or died is looked for again. What was not carried out is sent
        again: a request that found nobody, one whose token was refused, and a GET without answer.
        """
        deadline = 0.0
        while True:
            endpoint = await (self.reach() if may_start else self.resume())
            try:
                answer = await upstream.ask(endpoint, method, target, headers=headers, body=body)
                if answer.status != 401:
                    return answer
                answer.close()
                failure = "It refused the token of its own runtime file."
            except upstream.NotReached as error:
                failure = str(error)
            except upstream.NotAnswered as error:
                if method != "GET":
                    self._forget(endpoint)
                    raise
                failure = error.message
            self._forget(endpoint)
            # From the first failure on: starting a service may have taken long before.
            deadline = deadline or time.monotonic() + DYING_SECONDS
            if time.monotonic() > deadline:
                raise _no_answer(failure)
            await asyncio.sleep(STEP_SECONDS)

    async def _find_or_start(self) -> Endpoint:
        try:
            return await asyncio.to_thread(self._start)
        except OSError as error:
            raise Unavailable(
                "The compute service could not be started.",
                hint="Start it by hand to see why: jupyter aml service start",
                details=[str(error)],
            ) from error

    def _attempted(self, attempt: asyncio.Task[Endpoint]) -> None:
        self._attempt = None
        if attempt.cancelled():
            return
        error = attempt.exception()
        self.last_error = error if isinstance(error, AmlError) else None
        if error is None:
            self._endpoint = attempt.result()

    def _forget(self, endpoint: Endpoint) -> None:
        """Look anew next time, unless someone already has."""
        if self._endpoint == endpoint:
            self._endpoint = None


def _no_answer(detail: str) -> Unavailable:
    return Unavailable(
        "The compute service does not answer.",
        hint="See how it is: jupyter aml service status",
        details=[detail],
    )
