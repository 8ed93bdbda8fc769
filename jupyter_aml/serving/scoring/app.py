"""From a request to its answer, as Azure's inference server gives it.

`Application.answer` is what every front of a scoring process calls: the frames of the router, and
plain HTTP. It never raises: whatever the script does becomes an answer, and a line in the log.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any

from . import answer, failure
from .answer import SCRIPT_FAILED, Answer
from .batch import Batcher
from .config import ScoreConfig
from .cors import Cors
from .inputs import Refused
from .request import Request
from .script import Script
from .swagger import NoSwagger, Swagger
from .timer import RunTimeout, RunTimer

_PLAIN_SCORE = b"POST /score\r\n"

_OF_THE_SCRIPT = (Exception, RunTimeout, SystemExit)
"""Anything a script may raise is its own failure; the process goes on."""


class Application:
    """One script, ready to answer."""

    def __init__(self, config: ScoreConfig, script: Script, timer: RunTimer) -> None:
        self._config = config
        self._script = script
        self._timer = timer
        self._cors = Cors(config.cors_origins)
        self._swagger = Swagger(config.code_dir, script.run)
        self._is_direct = script.is_plain and not self._cors.is_on
        batch = script.run_batch if config.micro_batch and self._is_direct else None
        self._batcher = Batcher(batch, timer) if batch is not None else None
        self.interface = script.interface
        self.batch_size = config.micro_batch if self._batcher is not None else 1

    def answer(self, head: bytes, body: bytes) -> Answer:
        """The answer to one request."""
        if self._is_direct and head.startswith(_PLAIN_SCORE):
            return self._scored_text(head, body)
        request = Request(head, body)
        given = self._routed(request)
        if self._cors.is_on:
            given = given._replace(head=given.head + self._cors.lines(request))
        return given

    def answer_all(self, requests: Sequence[tuple[bytes, bytes]]) -> list[Answer]:
        """The answers to requests that were received together, in their order."""
        if self._batcher is None or len(requests) < 2:
            return [self.answer(head, body) for head, body in requests]
        together = [i for i, (head, _) in enumerate(requests) if head.startswith(_PLAIN_SCORE)]
        found = self._batcher.run([requests[i][1] for i in together])
        answers: dict[int, Answer] = dict(zip(together, found or (), strict=False))
        return [
            answers[i] if i in answers else self.answer(*request)
            for i, request in enumerate(requests)
        ]

    def meanwhile(self, seconds: float, call: Callable[[], None]) -> None:
        """`call` in so many seconds, in a run that is still on then; `rest` forgets it."""
        self._timer.meanwhile(seconds, call)

    def rest(self) -> None:
        """No request follows at once; on the thread that answers."""
        self._timer.rest()

    def _scored_text(self, head: bytes, body: bytes) -> Answer:
        """The short way for `run(data)`: no header is looked at."""
        started = time.perf_counter()
        try:
            self._timer.arm()
            try:
                value = self._script.run(str(body, "utf-8"))
            finally:
                self._timer.disarm()
            return self._of_value(value, time.perf_counter() - started)
        except UnicodeDecodeError as error:
            return self._undecodable(error, head, body)
        except _OF_THE_SCRIPT as error:
            return self._failed(error, head)

    def _undecodable(self, error: UnicodeDecodeError, head: bytes, body: bytes) -> Answer:
        """The body's fault or the script's own."""
        if error.object == body:
            return answer.error(400, f"Input cannot be decoded as UTF-8: {error}")
        return self._failed(error, head)

    def _routed(self, request: Request) -> Answer:
        path = request.path
        if path == "/score":
            return self._scored(request)
        if path == "/" and request.method in ("GET", "HEAD"):
            return Answer(200, answer.TEXT, b"Healthy")
        if path == "/swagger.json" and request.method == "GET":
            return self._described(request)
        if path in ("/", "/swagger.json"):
            return answer.error(405, "The method is not allowed for the requested URL.")
        return answer.error(404, f"Nothing is at {path}. Scoring is POST /score.")

    def _scored(self, request: Request) -> Answer:
        if request.method not in ("GET", "POST", "OPTIONS"):
            return answer.error(405, "The method is not allowed for the requested URL.")
        try:
            given = self._script.read(request)
        except Refused as refusal:
            if request.method == "OPTIONS" and refusal.status == 405:
                return Answer(200, answer.TEXT, b"")
            return answer.error(refusal.status, refusal.message)
        started = time.perf_counter()
        try:
            self._timer.arm()
            try:
                value = self._script.call(given, request)
            finally:
                self._timer.disarm()
            return self._of_value(value, time.perf_counter() - started)
        except _OF_THE_SCRIPT as error:
            return self._failed(error, request.head)

    def _of_value(self, value: Any, spent: float) -> Answer:
        if hasattr(value, "status_code") and hasattr(value, "get_data"):
            given = _of_response(value, spent)
        else:
            given = answer.of_value(value, spent)
        if len(given.body) > self._config.max_response_bytes:
            most = self._config.max_response_bytes
            message = f"The answer has {len(given.body)} bytes; {most} are allowed."
            return answer.error(500, message, run_failed=True)
        return given

    def _failed(self, error: BaseException, head: bytes) -> Answer:
        if isinstance(error, RunTimeout):
            message = f"Scoring timeout after {self._config.timeout_ms} ms"
        else:
            message = SCRIPT_FAILED
        report(error, self._config.code_dir, Request(head, b"").headers.get("x-request-id", ""))
        return answer.error(500, message, run_failed=True)

    def _described(self, request: Request) -> Answer:
        version = request.arguments.get("version", ["2"])[0]
        try:
            body = json.dumps(self._swagger.get(version)).encode()
        except NoSwagger as error:
            return answer.error(404, str(error))
        except (OSError, ValueError) as error:  # the user's own file
            return answer.error(500, f"The swagger file cannot be read: {error}")
        return Answer(200, answer.JSON, body)


def report(error: BaseException, code_dir: str, request_id: str) -> None:
    """The user's traceback on the console, headed by the line of theirs that failed."""
    file, line, text = failure.user_line(error, code_dir)
    where = f" at {file}:{line}: {text}" if file else ""
    print(
        f"run() failed{where} (request {request_id or '-'})",
        *failure.user_traceback(error),
        sep="\n",
        file=sys.stderr,
        flush=True,
    )


def _of_response(value: Any, spent: float) -> Answer:
    """An AMLResponse or Flask's Response, as it is."""
    names = list(value.headers.items())
    status = int(value.status_code)
    if status >= 500:
        names = [pair for pair in names if pair[0].lower() != "x-ms-run-function-failed"]
        names.append(("x-ms-run-function-failed", "True"))
    lines = "".join(
        f"{_token(name)}: {_token(str(text))}\r\n" for name, text in names if _kept(name)
    )
    return Answer(status, lines.encode("latin-1") + answer.spent_line(spent), value.get_data())


def _kept(name: str) -> bool:
    """The length and the connection are the server's own business."""
    return name.lower() not in ("content-length", "connection", "transfer-encoding")


def _token(text: str) -> str:
    """No line end may get into a header."""
    return text.replace("\r", " ").replace("\n", " ")
