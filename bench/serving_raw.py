"""The floor of serving: httptools on uvloop, predict called in the parser's callback.

``python -m bench.serving_raw PORT FOLDER each|batch|nothing``. "batch" asks the model once for all
requests of one loop turn; "nothing" answers without a model. No key, no log, no limits.
"""

from __future__ import annotations

import asyncio
import importlib.util
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import httptools
import uvloop

Answer = Callable[["_Connection", str], None]


class _Connection(asyncio.Protocol):
    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self._parser = httptools.HttpRequestParser(self)
        self._body = b""

    def connection_made(self, transport: Any) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_body(self, body: bytes) -> None:
        self._body += body

    def on_message_complete(self) -> None:
        body, self._body = self._body, b""
        self._answer(self, body.decode())

    def send(self, value: Any) -> None:
        body = json.dumps(value).encode()
        self._transport.write(
            b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%s"
            % (len(body), body)
        )


def _each(script: ModuleType) -> Answer:
    return lambda connection, text: connection.send(script.run(text))


def _batch(script: ModuleType) -> Answer:
    waiting: list[tuple[_Connection, str]] = []

    def flush() -> None:
        taken = waiting[:]
        waiting.clear()
        answers = script.run_batch([text for _, text in taken])
        for (connection, _), value in zip(taken, answers, strict=True):
            connection.send(value)

    def answer(connection: _Connection, text: str) -> None:
        if not waiting:
            asyncio.get_running_loop().call_soon(flush)
        waiting.append((connection, text))

    return answer


def _script(folder: Path) -> ModuleType:
    os.environ["AZUREML_MODEL_DIR"] = str(folder / "model")
    spec = importlib.util.spec_from_file_location("score", folder / "code" / "score.py")
    assert spec is not None
    assert spec.loader is not None
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    script.init()
    return script


async def _serve(port: int, answer: Answer) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: _Connection(answer), "127.0.0.1", port)
    await server.serve_forever()


def main() -> None:
    port, folder, how = int(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
    answer: Answer = lambda connection, _: connection.send([0])  # noqa: E731
    if how != "nothing":
        answer = (_each if how == "each" else _batch)(_script(folder))
    uvloop.run(_serve(port, answer))


if __name__ == "__main__":
    main()
