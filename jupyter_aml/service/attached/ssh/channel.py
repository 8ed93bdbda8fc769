"""One ``ssh`` process with the agent at its other end: questions and answers as JSON lines.

The connection is disposable. It is opened when something is asked, and again after it broke;
whatever was asked meanwhile raises, and who asked asks again.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import itertools
from asyncio.subprocess import PIPE, Process
from pathlib import Path
from typing import Any

import msgspec

from jupyter_aml.model.errors import Internal, Unavailable
from jupyter_aml.service.attached.ssh import trouble
from jupyter_aml.service.attached.ssh.config import SshConfig, of_machine

Message = dict[str, Any]

AGENT = Path(__file__).with_name("agent.py").read_bytes()
AGENT_NAME = f"agent-{hashlib.sha256(AGENT).hexdigest()[:16]}.py"

_OPEN_SECONDS = 45.0
"""A login may take long, a dead machine takes `ConnectTimeout`."""
_ASK_SECONDS = 60.0
_CLOSE_SECONDS = 2.0
_NOISE = 1000
"""Lines that a login may print before ours come."""
_LINE_LIMIT = 4 * 1024 * 1024
_HAVE, _NEED = b"jupyter-aml have", b"jupyter-aml need"

_encode = msgspec.json.encode


def script(config: SshConfig, verb: str, *arguments: str) -> str:
    """What the shell of the machine runs: bring the agent there if it is not, then become it."""
    told = " ".join(of_machine(argument) for argument in arguments)
    return "\n".join(
        (
            "umask 077",
            f"r={of_machine(config.root)}",
            f'mkdir -p "$r" || {{ echo "{trouble.NO_ROOT}" >&2; exit 70; }}',
            f'command -v {of_machine(config.python)} >/dev/null || {{ echo "{trouble.NO_PYTHON}" '
            ">&2; exit 70; }",
            f'a="$r/{AGENT_NAME}"',
            f'if [ -f "$a" ]; then echo "{_HAVE.decode()}"; else echo "{_NEED.decode()}"',
            f'head -c {len(AGENT)} >"$a.$$"; [ "$(wc -c <"$a.$$")" -eq {len(AGENT)} ] || exit 70',
            'mv "$a.$$" "$a"; fi',
            f'exec {of_machine(config.python)} -u "$a" {verb} "$r" {told}',
        )
    )


class Channel:
    """To one machine. `ask` opens it when it has to."""

    def __init__(self, config: SshConfig) -> None:
        self._config = config
        self._process: Process | None = None
        self._reader: asyncio.Task[None] | None = None
        self._answers: dict[int, asyncio.Future[Message]] = {}
        self._numbers = itertools.count(1)
        self._opening = asyncio.Lock()
        self._said = b""
        self._closed = False
        self.hello: Message = {}
        """What the agent said of its machine when it began."""

    async def open(self) -> Message:
        """Connect, unless that is done; what the agent said of its machine."""
        async with self._opening:
            if self._closed:
                raise Unavailable(f"{self._config.address} is being let go.", target="host")
            if self._reader is None or self._reader.done():
                await self._connect()
        return self.hello

    async def ask(self, op: str, job: str, /, *, wait: float = 0.0, **fields: Any) -> Message:
        """The agent's answer. Raises `Unavailable` when the connection breaks before it came."""
        await self.open()
        number = next(self._numbers)
        answer: asyncio.Future[Message] = asyncio.get_running_loop().create_future()
        self._answers[number] = answer
        process = self._process
        assert process is not None
        assert process.stdin is not None
        try:
            request = {"id": number, "op": op, "job": job, "wait": wait, **fields}
            process.stdin.write(_encode(request) + b"\n")
            await process.stdin.drain()
            told = await asyncio.wait_for(answer, wait + _ASK_SECONDS)
        except (ConnectionError, asyncio.TimeoutError) as error:
            if process.returncode is None:
                process.kill()  # one that is silent is as good as gone; `open` makes another
            raise trouble.of_connection(self._config, self._words() or str(error)) from error
        finally:
            self._answers.pop(number, None)
            if not answer.cancel() and not answer.cancelled():
                answer.exception()  # seen: the request itself may have failed before
        if "error" in told:
            raise Internal(f"{self._config.address}: {told['error']}", target=job)
        return told["ok"]

    async def close(self) -> None:
        """End the ssh process; the agent ends with it, jobs go on."""
        self._closed = True
        async with self._opening:
            await self._end()

    # -- connecting ---------------------------------------------------------------------------

    async def _connect(self) -> None:
        await self._end()
        self._said = b""
        config = self._config
        try:
            self._process = await asyncio.create_subprocess_exec(
                *config.command(script(config, "serve")),
                stdin=PIPE,
                stdout=PIPE,
                stderr=PIPE,
                limit=_LINE_LIMIT,
                start_new_session=True,
            )
        except FileNotFoundError:
            raise trouble.without_ssh() from None
        listening = asyncio.create_task(self._listen_to_errors(self._process))
        try:
            self.hello = await asyncio.wait_for(self._greet(self._process), _OPEN_SECONDS)
        except (EOFError, ConnectionError, asyncio.TimeoutError, ValueError) as error:
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(asyncio.shield(listening), 1.0)
            await self._end()
            raise trouble.of_connection(config, self._words()) from error
        except BaseException:
            await self._end()
            raise
        self._reader = asyncio.create_task(self._read(self._process))

    async def _greet(self, process: Process) -> Message:
        assert process.stdin is not None
        for _ in range(_NOISE):
            line = (await self._line(process)).strip()
            if line == _NEED:
                process.stdin.write(AGENT)
                await process.stdin.drain()
            if line in (_HAVE, _NEED):
                break
        hello: Message = msgspec.json.decode(await self._line(process))
        return hello

    async def _line(self, process: Process) -> bytes:
        assert process.stdout is not None
        line = await process.stdout.readline()
        if not line.endswith(b"\n"):
            raise EOFError
        return line

    # -- listening ----------------------------------------------------------------------------

    async def _read(self, process: Process) -> None:
        """Hand each answer to who asked, until the connection ends; then tell those who wait."""
        with contextlib.suppress(EOFError, ConnectionError, ValueError):
            while True:
                message: Message = msgspec.json.decode(await self._line(process))
                answer = self._answers.get(message.get("id", 0))
                if answer is not None and not answer.done():
                    answer.set_result(message)
        for answer in self._answers.values():
            if not answer.done():
                answer.set_exception(ConnectionResetError("the connection broke"))

    async def _listen_to_errors(self, process: Process) -> None:
        assert process.stderr is not None
        while data := await process.stderr.read(4096):
            self._said = (self._said + data)[-8192:]

    def _words(self) -> str:
        return self._said.decode("utf-8", "replace")

    async def _end(self) -> None:
        """Politely, by the end of its stdin; by force where that does not help."""
        process, self._process = self._process, None
        if process is not None:
            assert process.stdin is not None
            process.stdin.close()
            try:
                await asyncio.wait_for(process.wait(), _CLOSE_SECONDS)
            except asyncio.TimeoutError:
                with contextlib.suppress(ProcessLookupError):
                    process.kill()
                await process.wait()
        if self._reader is not None:
            await self._reader
            self._reader = None
