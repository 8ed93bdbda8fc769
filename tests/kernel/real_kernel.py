"""A real ipykernel, spoken to as a front end does."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import nbformat
from jupyter_client.manager import KernelManager
from nbclient import NotebookClient
from traitlets.config import Config

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
    with own_sockets() as where:
        manager = KernelManager(kernel_name="python3", **where)
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


def execute(notebook: nbformat.NotebookNode, folder: Path, **options: Any) -> None:
    """Run the notebook in `folder`, as nbclient does: outputs are kept in it, an error is raised.

    `options` are those of `NotebookClient`.
    """
    with own_sockets() as where:
        config = Config({"KernelManager": where})
        resources = {"metadata": {"path": str(folder)}}
        NotebookClient(
            notebook, kernel_name="python3", resources=resources, config=config, **options
        ).execute()


@contextmanager
def own_sockets() -> Iterator[dict[str, str]]:
    """Where a kernel listens, as options of its manager. In files whose names nobody else takes:
    ports are looked for first and bound a second later, and others look as well."""
    folder = tempfile.mkdtemp()
    try:
        yield {"transport": "ipc", "ip": f"{folder}/k"}
    finally:
        shutil.rmtree(folder)


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
