"""A real ipykernel, spoken to as a front end does."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from jupyter_client.manager import KernelManager

Message = tuple[str, dict[str, Any]]
SECONDS = 60


class Kernel:
    """Runs cells and keeps the messages that a front end gets for them."""

    def __init__(self, manager: Any, client: Any) -> None:
        self.manager = manager
        self.client = client

    def start(self, code: str, **metadata: Any) -> str:
        message = self.client.session.msg(
            "execute_request",
            {"code": code, "silent": False, "store_history": True, "allow_stdin": False},
            metadata=metadata,
        )
        self.client.shell_channel.send(message)
        return message["header"]["msg_id"]

    def read(self, request: str) -> Iterator[Message]:
        """(type, content) of each message up to the end of the cell."""
        while True:
            message = self.client.get_iopub_msg(timeout=SECONDS)
            if message["parent_header"].get("msg_id") != request:
                continue
            kind, content = message["msg_type"], message["content"]
            if kind == "status" and content["execution_state"] == "idle":
                self.client.get_shell_msg(timeout=SECONDS)
                return
            if kind not in ("status", "execute_input"):
                yield kind, content

    def do(self, code: str, **metadata: Any) -> list[Message]:
        return list(self.read(self.start(code, **metadata)))


@contextmanager
def running(folder: Path) -> Iterator[Kernel]:
    """A kernel that works in `folder`, with the extension loaded."""
    # Not TCP: its ports are looked for first and bound a second later, and others look as well.
    sockets = tempfile.mkdtemp()
    manager = KernelManager(kernel_name="python3", transport="ipc", ip=f"{sockets}/k")
    manager.start_kernel(cwd=str(folder))
    client = manager.client()
    client.start_channels()
    found = Kernel(manager, client)
    try:
        client.wait_for_ready(timeout=SECONDS)
        assert found.do("%load_ext jupyter_aml") == []
        yield found
    finally:
        client.stop_channels()
        # Asked, not killed: it gives its shared memory back.
        manager.shutdown_kernel(now=False)
        manager.cleanup_resources()
        shutil.rmtree(sockets)


def text(messages: list[Message]) -> str:
    """What is printed on the page in the end: a clearing takes away what came before it.

    A cell that takes a moment gets its strip, and what it had shown by then is shown again below.
    """
    said: list[str] = []
    for kind, content in messages:
        if kind == "clear_output":
            said.clear()
        elif kind == "stream":
            said.append(content["text"])
    return "".join(said)


def first_words(messages: Iterator[Message]) -> str:
    """What is printed first, whether or not the strip came before it."""
    return next(content["text"] for kind, content in messages if kind == "stream")


def error(messages: list[Message]) -> dict[str, Any]:
    """What was raised. Fails if nothing was."""
    [found] = [content for kind, content in messages if kind == "error"]
    return found
