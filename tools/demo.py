"""Run a notebook for real, in the terminal: each cell's title, and its output as it comes.

    python tools/demo.py examples/quickstart.ipynb

The workspace is a fresh temporary one (``JUPYTER_AML_HOME``), which is removed afterwards together
with the service that the notebook started. Set ``JUPYTER_AML_HOME`` to run in one that is kept.
The executed notebook goes to ``build/demo/``. Exit code 1 if a cell failed.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import re
import shutil
import subprocess
import sys
import tempfile
import textwrap
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

from jupyter_aml.grammar.phrases import duration

ROOT = Path(__file__).resolve().parents[1]
ANSI = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
TAG = re.compile(r"<(style|script)\b.*?</\1>|<[^>]+>", re.DOTALL | re.IGNORECASE)


class Terminal:
    """Print a notebook's run: titles as rules, code dimmed, output indented, redraws in place."""

    def __init__(self) -> None:
        self.tty = sys.stdout.isatty()
        self.width = min(shutil.get_terminal_size((100, 24)).columns, 110)
        self._fresh_line = True
        self._pending = ""  # the unfinished line, where it cannot be redrawn
        self._updated: str | None = None  # the display that an update would replace now
        self._drawn = 0  # and how many lines it took
        self._latest: dict[str, str] = {}  # displays that changed, where nothing can be redrawn
        self._shown: list[tuple[str, str]] = []  # outputs of this cell, each with its stream
        self._again: list[tuple[str, str]] = []  # those that a cleared cell may show once more

    def title(self, text: str) -> None:
        self._end_line()
        rule = "─" * max(0, self.width - len(text) - 4)
        print(self._style("1;36", f"\n── {text} {rule}"), flush=True)

    def prose(self, text: str) -> None:
        for paragraph in text.strip().split("\n\n"):
            print(textwrap.fill(" ".join(paragraph.split()), self.width), flush=True)

    def code(self, source: str) -> None:
        for line in source.rstrip().splitlines():
            print(self._style("2", f"  │ {line}"), flush=True)

    def clear(self) -> None:
        """The cell's output goes; what comes again just so is on the screen already."""
        self._end_line()
        self._again, self._shown = self._shown, []

    def _was_shown(self, kind: str, text: str) -> bool:
        self._shown.append((kind, text))
        is_again = (kind, text) in self._again
        if is_again:
            self._again.remove((kind, text))
        return is_again

    def stream(self, name: str, text: str) -> None:
        """As it comes. A progress bar, which redraws its line, does so on a terminal only."""
        self._drawn = 0
        if self._was_shown(name, text):
            return
        if not self.tty:
            *lines, self._pending = (self._pending + ANSI.sub("", text)).split("\n")
            for line in lines:
                self._line(line)
            return
        for piece in re.split(r"([\n\r])", text):
            if piece == "\n":
                print(flush=True)
                self._fresh_line = True
            elif piece == "\r":
                print("\r\x1b[K", end="", flush=True)
                self._fresh_line = True
            elif piece:
                print(("    " if self._fresh_line else "") + piece, end="", flush=True)
                self._fresh_line = False

    def display(self, text: str, *, updates: str | None = None) -> None:
        """`updates` names a display that replaces the one of that name shown last."""
        self._end_line()
        if updates is None and self._was_shown("", text):
            return
        if updates is not None and not self.tty:
            if updates in self._latest:
                self._latest[updates] = text  # its last state is shown when the cell is done
                return
            self._latest[updates] = ""
        if self.tty and self._drawn and updates == self._updated:
            print(f"\x1b[{self._drawn}F\x1b[J", end="")
        lines = text.rstrip().splitlines()
        for line in lines:
            self._line(line)
        self._updated, self._drawn = updates, len(lines) if updates else 0

    def done(self, seconds: float) -> None:
        self._end_line()
        for text in filter(None, self._latest.values()):
            self.display(text)
        self._updated, self._drawn, self._latest = None, 0, {}
        self._shown, self._again = [], []
        print(self._style("2", f"  └ {duration(seconds)}"), flush=True)

    def _line(self, text: str) -> None:
        text = text if self.tty else ANSI.sub("", text)
        print(f"    {text.rstrip().rpartition(chr(13))[2]}".rstrip(), flush=True)

    def _end_line(self) -> None:
        if self._pending:
            self._line(self._pending)
            self._pending = ""
        if not self._fresh_line:
            print(flush=True)
            self._fresh_line = True

    def _style(self, code: str, text: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self.tty else text


class DemoClient(NotebookClient):
    """nbclient, with every output printed when its message arrives."""

    terminal: Terminal

    def process_message(self, msg: dict[str, Any], cell: Any, cell_index: int) -> Any:
        content = msg["content"]
        match msg["msg_type"]:
            case "stream":
                self.terminal.stream(content["name"], content["text"])
            case "clear_output":
                self.terminal.clear()
            case "display_data" | "execute_result" | "update_display_data":
                self.terminal.display(_as_text(content["data"]), updates=_display_id(content))
            case _:
                pass
        return super().process_message(msg, cell, cell_index)


def _display_id(content: dict[str, Any]) -> str | None:
    return content.get("transient", {}).get("display_id")


def _as_text(data: dict[str, Any]) -> str:
    """The best that a terminal can show of a display bundle."""
    images = [kind for kind in data if kind.startswith("image/")]
    if images:
        return f"[{images[0]}: {data.get('text/plain', 'a picture')}]"
    if "text/plain" in data:
        return ANSI.sub("", _joined(data["text/plain"]))
    if "text/html" in data:
        return " ".join(TAG.sub(" ", _joined(data["text/html"])).split())
    return f"[{', '.join(data)}]"


def _joined(text: str | list[str]) -> str:
    return text if isinstance(text, str) else "".join(text)


async def run(path: Path, terminal: Terminal, timeout_seconds: float) -> None:
    """Execute `path` cell by cell. Raises `CellExecutionError` at the first cell that fails."""
    notebook = nbformat.read(path, as_version=4)
    client = DemoClient(
        notebook,
        timeout=timeout_seconds,
        kernel_name="python3",
        extra_arguments=["--IPKernelApp.log_level=40"],
        resources={"metadata": {"path": str(path.parent)}},
    )
    client.terminal = terminal
    try:
        async with client.async_setup_kernel():
            for index, cell in enumerate(notebook.cells):
                if cell.cell_type == "markdown":
                    _show_markdown(terminal, cell.source)
                elif cell.cell_type == "code" and cell.source.strip():
                    terminal.code(cell.source)
                    started = time.monotonic()
                    await client.async_execute_cell(cell, index)
                    terminal.done(time.monotonic() - started)
    finally:
        copy = ROOT / "build" / "demo" / path.name
        copy.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(notebook, copy)


def _show_markdown(terminal: Terminal, source: str) -> None:
    heading, _, rest = source.strip().partition("\n")
    if heading.startswith("#"):
        terminal.title(heading.lstrip("# "))
        source = rest
    if source.strip():
        terminal.prose(source)


@contextmanager
def _workspace() -> Iterator[str]:
    """A home for this run; its service is stopped, and a temporary home removed, at the end."""
    kept = os.environ.get("JUPYTER_AML_HOME")
    home = kept or tempfile.mkdtemp(prefix="jupyter-aml-demo-")
    os.environ["JUPYTER_AML_HOME"] = home
    try:
        yield home
    finally:
        stop = [sys.executable, "-m", "jupyter_aml.cli.main", "service", "stop", "--force"]
        stopped = subprocess.run(stop, capture_output=True, text=True, timeout=120, check=False)
        # 4: none runs, the notebook stopped it itself.
        if stopped.returncode not in (0, 4):
            print(f"The service of {home} did not stop:\n{stopped.stderr}", file=sys.stderr)
        elif not kept:
            shutil.rmtree(home, ignore_errors=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("notebook", type=Path)
    parser.add_argument("--timeout", type=float, default=600, help="seconds allowed for one cell")
    options = parser.parse_args()
    if not options.notebook.is_file():
        print(f"There is no notebook {options.notebook}.", file=sys.stderr)
        return 2
    terminal = Terminal()
    started = time.monotonic()
    with _workspace() as home:
        terminal.prose(f"Running {options.notebook} on the local workspace (home: {home}).")
        try:
            asyncio.run(run(options.notebook.resolve(), terminal, options.timeout))
        except CellExecutionError as error:
            terminal.display(str(error))
            print("make demo: a cell failed", file=sys.stderr)
            return 1
        except KeyboardInterrupt:
            print("\nmake demo: interrupted", file=sys.stderr)
            return 130
    terminal.title("Done")
    print(
        f"The whole notebook took {time.monotonic() - started:.0f} s; with its outputs it is "
        f"build/demo/{options.notebook.name}.\n`make lab` opens it in JupyterLab."
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
