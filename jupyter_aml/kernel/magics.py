"""``%aml`` and ``%%aml``: read the line, do it with a client, show what comes back.

Nothing here knows what a compute or a job is: verbs are declared in `grammar`, cells run in
`cell`, what is shown is drawn by `display`.
"""

from __future__ import annotations

from typing import Any

from jupyter_aml.client.client import check_workspace
from jupyter_aml.client.workspaces import NEED_NO_SERVICE, refuse_unknown
from jupyter_aml.grammar import Result, cell_help, parse_cell, parse_line, run
from jupyter_aml.grammar.parsing import Invocation
from jupyter_aml.kernel.notebook import notebook_of
from jupyter_aml.kernel.raising import in_short
from jupyter_aml.kernel.surface import NotebookSurface
from jupyter_aml.model.errors import AmlError, Invalid


def aml_line(shell: Any, line: str) -> Any:
    """``%aml …``: what the verb gives back, which IPython shows."""
    try:
        return _line(shell, line)
    except AmlError as error:
        raise in_short(error) from None


def aml_cell(shell: Any, line: str, body: str) -> Any:
    """``%%aml …``: run the cell as a job; with ``--detach`` its handle."""
    try:
        return _cell(shell, line, body)
    except AmlError as error:
        raise (error if hasattr(error, "_render_traceback_") else in_short(error)) from None


def _line(shell: Any, line: str) -> Any:
    invocation = parse_line(line, shell.user_ns)
    client = notebook_of(shell).client
    if invocation.workspace is not None:
        if invocation.noun.name in NEED_NO_SERVICE:
            refuse_unknown(invocation.workspace, home=client.home)
        else:
            check_workspace(client, invocation.workspace)
    if _is_stream(invocation):
        return _stream(client, invocation)
    result = run(client, invocation, NotebookSurface(shell))
    if invocation.output in ("json", "yaml"):
        print(_document(result, invocation.output))
        return None
    return result if result.parts or result.notes else None


def _cell(shell: Any, line: str, body: str) -> Any:
    options = parse_cell(line, shell.user_ns)
    if options.help:
        print(cell_help())
        return None
    if not body.strip():
        raise Invalid("The cell is empty.", hint="Write below the %%aml line what is to run.")
    if options.check:
        from jupyter_aml.kernel.checking import check_cell

        return check_cell(notebook_of(shell), shell, line, body)
    from jupyter_aml.kernel.cell import run_cell

    return run_cell(notebook_of(shell), shell, options, line, body)


def _is_stream(invocation: Invocation) -> bool:
    """In a notebook a job's output is shown as it is: plots, tables and all."""
    verb = invocation.verb
    return (
        verb is not None
        and (invocation.noun.name, verb.name) == ("job", "stream")
        and not invocation.help
    )


def _stream(client: Any, invocation: Invocation) -> None:
    from jupyter_aml.kernel.handle import JobHandle

    JobHandle(invocation.values["name"], client=client).stream()


def _document(result: Result, form: str) -> str:
    if form == "json":
        import json

        return json.dumps(result.document, indent=2)
    import yaml

    return yaml.safe_dump(result.document, sort_keys=False).rstrip()
