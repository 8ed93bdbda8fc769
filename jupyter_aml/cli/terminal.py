"""The terminal as a surface: see `jupyter_aml.grammar.Surface`."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from jupyter_aml.cli.typed import typed
from jupyter_aml.grammar import phrases
from jupyter_aml.grammar.layout import clean, encodable
from jupyter_aml.model.errors import Invalid

if TYPE_CHECKING:
    from jupyter_aml.client.machine import LocalMachine
    from jupyter_aml.model.registry import CreateModel, Lineage, Model


class Terminal:
    """Standard input, output and error. With `quiet`, stdout is left to the one document."""

    def __init__(self, prefix: str, *, quiet: bool = False) -> None:
        self.prefix = prefix
        self._quiet = quiet
        self._machine: LocalMachine | None = None

    @property
    def machine(self) -> LocalMachine:
        if self._machine is None:
            from jupyter_aml.client.machine import LocalMachine

            self._machine = LocalMachine()
        return self._machine

    @property
    def watched(self) -> bool:
        return sys.stderr.isatty()

    def stdout(self, text: str) -> None:
        """What a job wrote, byte for byte, at once."""
        stream = sys.stderr if self._quiet else sys.stdout
        stream.flush()
        stream.buffer.write(text.encode("utf-8", "surrogateescape"))
        stream.buffer.flush()

    def stderr(self, text: str) -> None:
        sys.stderr.flush()
        sys.stderr.buffer.write(text.encode("utf-8", "surrogateescape"))
        sys.stderr.buffer.flush()

    def note(self, text: str) -> None:
        encoding = sys.stderr.encoding or "utf-8"
        print(encodable(typed(clean(text)), encoding), file=sys.stderr, flush=True)

    def fetch(self, job: str, names: Sequence[str]) -> None:
        raise Invalid(
            f"A terminal has no variables into which {', '.join(names)} could come.",
            target="job fetch",
            hint=f"Type it in a notebook. The job's files: {self.prefix} job download {job}",
        )

    def register(self, variable: str, wanted: CreateModel) -> Model:
        raise Invalid(
            f"A terminal has no variable {variable}.",
            target="--from",
            hint=f"Type it in a notebook, or name a path: {self.prefix} model create {wanted.name} "
            "--path PATH",
        )

    def sample(self, expression: str) -> str:
        """The text of a JSON file."""
        from jupyter_aml.client.requestdata import request_file

        return request_file(expression)

    def has_variable(self, name: str) -> bool:  # noqa: ARG002 - a terminal has none
        return False

    def here(self, lineage: Lineage) -> Lineage:
        return lineage

    def progress(self, doing: str) -> Callable[[int, int], None]:
        """One line that grows; nothing where nobody looks on."""
        if not self.watched:
            return _unseen
        return lambda done, total: _bar(doing, done, total)

    def confirm(self, question: str, *, loses: str) -> bool:
        """Ask on the terminal. Raise `Invalid` where nobody can be asked and something is lost."""
        if not (sys.stdin and sys.stdin.isatty() and sys.stderr.isatty()):
            if not loses:
                return True
            raise Invalid(
                f"{question} {loses} Nobody can be asked here.",
                target="standard input",
                hint="Add --yes to go on without asking.",
            )
        lines = [loses] if loses else []
        print(*lines, f"{question} [y/N] ", sep="\n", end="", file=sys.stderr, flush=True)
        return sys.stdin.readline().strip().lower() in ("y", "yes")

    def now(self) -> float:
        return time.time()

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)

    def flush(self) -> None:
        sys.stdout.flush()


_CELLS = 30


def _unseen(_done: int, _total: int) -> None:
    """Nobody looks on."""


def _bar(doing: str, done: int, total: int) -> None:
    part = min(1.0, done / total)
    filled = "#" * round(part * _CELLS)
    end = "\n" if done >= total else ""
    text = f"\r{clean(doing)} [{filled:<{_CELLS}}] {part:4.0%} of {phrases.size(total)}"
    sys.stderr.write(encodable(text, sys.stderr.encoding or "utf-8") + end)
    sys.stderr.flush()
