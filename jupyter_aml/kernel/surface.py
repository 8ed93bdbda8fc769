"""A notebook as the place where verbs show things: see `grammar.surface.Surface`."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from jupyter_aml.kernel.notebook import notebook_of
from jupyter_aml.kernel.place import is_notebook

if TYPE_CHECKING:
    from jupyter_aml.client.machine import LocalMachine
    from jupyter_aml.model.registry import CreateModel, Lineage, Model


class NotebookSurface:
    """What ``%aml`` hands to a verb."""

    prefix = "%aml"

    def __init__(self, shell: Any) -> None:
        self.watched = is_notebook(shell)
        self._shell = shell

    @property
    def machine(self) -> LocalMachine:
        from jupyter_aml.client.machine import LocalMachine

        return LocalMachine()

    def stdout(self, text: str) -> None:
        sys.stdout.write(text)

    def stderr(self, text: str) -> None:
        sys.stderr.write(text)

    def note(self, text: str) -> None:
        """In a notebook a quiet line of its own: what stands in stderr looks like a failure."""
        if not self.watched:
            print(text, file=sys.stderr)
            return
        from IPython.display import display

        from jupyter_aml.kernel.display import quiet

        display({"text/plain": text, "text/html": quiet(text)}, raw=True)

    def fetch(self, job: str, names: Sequence[str]) -> None:
        from jupyter_aml.kernel.handle import JobHandle

        JobHandle(job, client=notebook_of(self._shell).client).fetch(*names)

    def register(self, variable: str, wanted: CreateModel) -> Model:
        from jupyter_aml.kernel import register

        client = notebook_of(self._shell).client
        value = register.evaluated(variable)
        return register.register_value(variable, value, wanted, client=client).model

    def has_variable(self, name: str) -> bool:
        return name in self._shell.user_ns

    def sample(self, expression: str) -> str:
        from jupyter_aml.kernel import register

        return register.sample_of(register.evaluated(expression))

    def here(self, lineage: Lineage) -> Lineage:
        from jupyter_aml.kernel import register

        return register.here(lineage)

    def progress(self, doing: str) -> Callable[[int, int], None]:
        """A bar that is drawn again as it grows."""
        from jupyter_aml.kernel.progressbar import ProgressBar

        return ProgressBar(doing)

    def confirm(self, question: str, *, loses: str) -> bool:  # noqa: ARG002
        """Typing the verb was the decision; what it costs is said."""
        if loses:
            self.note(loses)
        return True

    def now(self) -> float:
        return time.time()

    def sleep(self, seconds: float) -> None:
        sys.stdout.flush()
        sys.stderr.flush()
        time.sleep(seconds)
