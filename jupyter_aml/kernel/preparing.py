"""From a cell and its options to a job: what it takes along, where it runs, what comes back.

Everything that can be known to fail is refused here, before anything is sent.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from jupyter_aml.grammar import CellOptions
from jupyter_aml.kernel import environment, folder, modules
from jupyter_aml.kernel.modules import LocalModule
from jupyter_aml.kernel.names import CellNames, analyse
from jupyter_aml.kernel.notebook import Notebook
from jupyter_aml.kernel.place import Place
from jupyter_aml.kernel.raising import misread
from jupyter_aml.kernel.variables import Capture, capture
from jupyter_aml.model.environment import KERNEL
from jupyter_aml.model.errors import Invalid
from jupyter_aml.model.job import CellInputs, CellJob, Input
from jupyter_aml.model.names import LOCAL, new_job_name


@dataclass
class Prepared:
    """A cell that is ready to be sent."""

    job: str
    spec: CellJob
    cell: CellNames
    capture: Capture
    warnings: list[str] = field(default_factory=list)


def prepare(
    notebook: Notebook, shell: Any, place: Place, options: CellOptions, line: str, body: str
) -> Prepared:
    """Raise `CannotTravel` or `Invalid`; what is no Python looks as a plain cell's SyntaxError."""
    source = with_line(line, body)
    cell = _read(shell, place, source)
    compute = options.compute or place.compute or notebook.default_compute()
    session = options.session or ""
    taken = capture(
        cell,
        _namespace(shell, options),
        hidden=shell.user_ns_hidden,
        only=options.inputs,
        known=notebook.sessions.known(notebook.client, session) if session else None,
    )
    own = modules.local_modules(taken.modules, place.folder)
    warnings = [
        *_check(cell, taken, own, place, compute),
        *_check_environment(notebook, cell, taken, own, place.folder, options),
    ]
    cwd, code = folder.where(compute, place.folder)
    job = options.name or new_job_name()
    spec = CellJob(
        source=source,
        compute=compute,
        display_name=place.title,
        variables=_inputs(notebook, taken, job),
        collect=_collect(options, cell, taken),
        session=session,
        environment=options.environment or KERNEL,
        python=sys.executable,
        environment_variables=_environment(options),
        data=_data(options),
        instance_count=options.nodes or 1,
        experiment_name=options.experiment_name or "Default",
        tags=options.tags,
        timeout=options.timeout,
        retries=options.retries or 0,
        notebook=place.notebook,
        cell_id=place.cell_id,
        execution_count=place.execution_count,
        preload=notebook.imported(_packages(taken, own)),
        warnings=warnings,
        cwd=cwd,
        code=code,
    )
    return Prepared(job, spec, cell, taken, warnings)


def _data(options: CellOptions) -> dict[str, Input]:
    """What ``--data`` says. The service resolves references, and refuses what is not there."""
    if not options.data:
        return {}
    from jupyter_aml.client.datafile import whole

    return {name: Input(path=whole(where)) for name, where in options.data.items()}


def _namespace(shell: Any, options: CellOptions) -> dict[str, Any]:
    """What variables are taken from: those that ``--data`` gives the cell do not travel."""
    if not options.data:
        return shell.user_ns
    return {name: value for name, value in shell.user_ns.items() if name not in options.data}


def _read(shell: Any, place: Place, source: str) -> CellNames:
    try:
        return analyse(shell.transform_cell(source))
    except SyntaxError as error:
        raise misread(shell, error, source, place.execution_count) from None


def with_line(line: str, body: str) -> str:
    """The cell's text with its first line as a comment, so that line numbers are this cell's.

    A cell magic below it must stay on the first line, or it would not be one. A line that gives
    environment variables may hold secrets, which have no place in what is kept and shown of a job.
    """
    if body.lstrip().startswith("%%"):
        return body
    shown = "" if "--env" in line else line
    return f"# %%aml {shown}".rstrip() + f"\n{body}"


def _check(
    cell: CellNames,
    taken: Capture,
    own: Sequence[LocalModule],
    place: Place,
    compute: str,
) -> list[str]:
    """Refuse what would fail there; return what to warn of."""
    is_local = compute == LOCAL
    taken.imports = [
        *folder.path_statements(own, place.folder, is_local=is_local),
        *taken.imports,
    ]
    if is_local:
        return []
    folder.check_modules(own, place.folder)
    return folder.warnings(cell.strings, place.folder)


def _check_environment(
    notebook: Notebook,
    cell: CellNames,
    taken: Capture,
    own: Sequence[LocalModule],
    here: str,
    options: CellOptions,
) -> list[str]:
    """Refuse modules that are missing there; return what to warn of."""
    if any("pip" in command or "conda" in command for command in cell.commands):
        return []  # the cell installs what it needs
    if any(chain.startswith("sys.path") for chain in cell.chains):
        return []  # the cell says where its modules lie
    name = options.environment or KERNEL
    if name == KERNEL:
        _check_imports(cell, here)
        return []
    travelling = {module.name for module in own}
    needed = [
        module
        for module in sorted(taken.modules)
        # It may be about to write the module itself.
        if module.partition(".")[0] not in travelling and f"{module}.py" not in cell.strings
    ]
    return environment.check(notebook.client, name, needed, here)


def _check_imports(cell: CellNames, here: str) -> None:
    """The job runs with this interpreter: a module that is missing here is missing there."""
    missing = [
        name
        for name in cell.imported
        # It may be about to write the module itself.
        if f"{name}.py" not in cell.strings and modules.is_missing(name, here)
    ]
    if missing:
        names = ", ".join(missing)
        raise Invalid(
            f"The environment `{KERNEL}` has no module {names}.",
            target=names,
            hint=f"Install it: %pip install {' '.join(missing)}. Nothing was started.",
        )


def _inputs(notebook: Notebook, taken: Capture, job: str) -> CellInputs:
    segment = None
    if taken.pickled.buffers:
        notebook.free_segments()
        segment = notebook.pool.write(taken.pickled.buffers, job)
    return CellInputs(
        names=taken.names, pickle=taken.pickled.data, segment=segment, imports=taken.imports
    )


def _collect(options: CellOptions, cell: CellNames, taken: Capture) -> list[str] | None:
    """What to bring back; None leaves it to the job: every name that the cell assigns.

    A name whose object the cell changes in place (``df["x"] = 1``) counts as assigned.
    """
    if options.no_out:
        return []
    if options.outputs is not None:
        return options.outputs
    changed = [name for name in cell.changed if name in taken.names and name not in cell.assigned]
    return [name for name in [*cell.assigned, *changed] if name[0] != "_"] if changed else None


def _environment(options: CellOptions) -> dict[str, str]:
    """The variables of ``--env``: with a value, or with the kernel's own."""
    missing = [n for n, value in options.env.items() if value is None and n not in os.environ]
    if missing:
        raise Invalid(
            f"The environment variable {', '.join(missing)} is not set in this kernel.",
            target="--env",
            hint=f"Give it a value: --env {missing[0]}=...",
        )
    return {n: os.environ[n] if value is None else value for n, value in options.env.items()}


def _packages(taken: Capture, own: Sequence[LocalModule]) -> list[str]:
    """What a process for this notebook may load ahead: never the person's own modules."""
    mine = {module.name for module in own}
    tops = {name.partition(".")[0] for name in taken.modules}
    return [top for top in tops if top not in mine and top not in sys.stdlib_module_names]
