"""``%%aml --check``: the pre-flight strip in text. Nothing is sent, nothing runs."""

from __future__ import annotations

from typing import Any

from jupyter_aml.grammar import Result
from jupyter_aml.grammar.views import preflight as view
from jupyter_aml.kernel.notebook import Notebook
from jupyter_aml.kernel.place import place_of
from jupyter_aml.kernel.preflight import preflight
from jupyter_aml.model.preflight import CheckJob

SECONDS = 2.0
"""Somebody waits for it, and wants it exact rather than at once."""


def check_cell(notebook: Notebook, shell: Any, line: str, body: str) -> Result:
    """What `body` under the options of `line` would cost, take along and meet."""
    source = f"%%aml {line}\n{body}"
    compute = place_of(shell).compute
    kernel = preflight(source, shell, compute=compute, seconds=SECONDS)
    asked = CheckJob(
        compute=kernel.compute or notebook.default_compute(),
        environment=kernel.environment,
        python=kernel.python,
        source=source,
        folder=kernel.folder,
        instance_count=kernel.instance_count,
        session=kernel.session,
    )
    return view.shown(notebook.client.jobs.preflight(asked), kernel)
