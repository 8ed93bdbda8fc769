"""What only the kernel knows before a cell is sent: which variables travel, how large they are, and
which cannot.

JupyterLab asks silently while a person types (``user_expressions`` of a request that runs nothing)
and merges the answer with that of `jobs.preflight`. So it is quick, calls no service, pickles
nothing that is large, and leaves the notebook's namespace as it is.
"""

from __future__ import annotations

import json
import os
import sys
import time
import types
from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from jupyter_aml.grammar import CellOptions, parse_cell
from jupyter_aml.kernel import folder, modules
from jupyter_aml.kernel.names import CellNames, analyse
from jupyter_aml.kernel.pickling import problem
from jupyter_aml.kernel.preparing import with_line
from jupyter_aml.kernel.shell import current_shell
from jupyter_aml.kernel.sizing import Size, estimate
from jupyter_aml.kernel.travel import Obstacle, explain, is_on_gpu, is_refused
from jupyter_aml.kernel.variables import wanted
from jupyter_aml.model.environment import KERNEL
from jupyter_aml.model.errors import AmlError, CannotTravel
from jupyter_aml.model.fix import Fix
from jupyter_aml.model.names import LOCAL
from jupyter_aml.model.packages import package_of
from jupyter_aml.model.preflight import KernelPreflight, Problem, TravellingName

SECONDS = 0.1
"""How long variables are looked at; what is left then is told with a guess."""
TRIED_BYTES = 256 * 1024
"""Up to this a value is really pickled, to see whether it can be."""
_MAGIC = "%%aml"


class Answer:
    """JSON, however a front end asks for it: as ``application/json``, or as the repr."""

    def __init__(self, told: KernelPreflight) -> None:
        self.told = told

    def __repr__(self) -> str:
        return msgspec.json.encode(self.told).decode()

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        return {"application/json": json.loads(repr(self)), "text/plain": repr(self)}


def aml_preflight(source: str, compute: str = "") -> Answer:
    """The strip's part of the kernel. `source` is the cell as typed, its ``%%aml`` line included.

    `compute` is what the notebook chose, where the line names none. Raises nothing: what is wrong
    with the cell is a problem of the answer.
    """
    return Answer(preflight(source, current_shell(), compute=compute))


def preflight(
    source: str, shell: Any, *, compute: str = "", seconds: float = SECONDS
) -> KernelPreflight:
    line, body = _split(source)
    try:
        options = parse_cell(line, shell.user_ns)
    except AmlError as error:
        return KernelPreflight(python=sys.executable, problems=[_of(error)])
    told = KernelPreflight(
        compute=options.compute or compute,
        environment=options.environment or KERNEL,
        python=sys.executable,
        folder=_folder(),
        instance_count=options.nodes or 1,
        session=options.session or "",
    )
    # without a line of ours nothing stands above the body: line numbers are the cell's own
    text = with_line(line, body) if body is not source else source
    try:
        cell = analyse(shell.transform_cell(text), "<cell>")
    except SyntaxError as error:
        skipped = len(text) - len(text.lstrip("\n"))  # IPython drops them, and counts from there
        return msgspec.structs.replace(told, problems=[_misspelt(error, skipped)])
    try:
        names = wanted(cell, shell.user_ns, shell.user_ns_hidden, options.inputs)
    except AmlError as error:
        return msgspec.structs.replace(told, problems=[_of(error)])
    names = [name for name in names if name not in options.data]
    return _Look(shell.user_ns, cell, options, told, seconds).at(names)


class _Look:
    """One look at the variables of one cell."""

    def __init__(
        self,
        namespace: dict[str, Any],
        cell: CellNames,
        options: CellOptions,
        told: KernelPreflight,
        seconds: float,
    ) -> None:
        self._namespace = namespace
        self._cell = cell
        self._options = options
        self._told = told
        self._until = time.monotonic() + seconds
        self._modules = set(cell.imported)

    def at(self, names: list[str]) -> KernelPreflight:
        values = {name: self._namespace[name] for name in names if not self._is_module(name)}
        sizes = self._sizes(values)
        obstacles = dict(self._obstacles(values, sizes))
        found = [*self._cannot_travel(obstacles, values), *self._elsewhere()]
        lacking = self._missing()
        travelling = [self._named(n, values[n], sizes[n]) for n in values if n not in obstacles]
        return msgspec.structs.replace(
            self._told,
            names=sorted(travelling, key=lambda one: -one.bytes),
            bytes=sum(one.bytes for one in travelling),
            missing=lacking,
            problems=[*found, *map(self._lacks, lacking)],
        )

    def _is_late(self) -> bool:
        return time.monotonic() > self._until

    def _is_module(self, name: str) -> bool:
        value = self._namespace[name]
        if not isinstance(value, types.ModuleType):
            return False
        self._modules.add(value.__name__)
        return modules.import_statement(name, value) is not None

    def _sizes(self, values: dict[str, Any]) -> dict[str, Size]:
        """Functions last: what they use is mostly a variable of its own."""
        seen: dict[int, object] = {}
        plain = [name for name in values if not callable(values[name])]
        order = [*plain, *(name for name in values if name not in plain)]
        return {name: self._size(values[name], seen) for name in order}

    def _size(self, value: object, seen: dict[int, object]) -> Size:
        try:
            return estimate(value, self._namespace, self._is_late, seen)
        except Exception:  # a library's own size may fail in any way; it is only an estimate
            return Size(inline=sys.getsizeof(value, 0), complete=False)

    @staticmethod
    def _named(name: str, value: object, size: Size) -> TravellingName:
        kind = type(value).__name__
        return TravellingName(name=name, type=kind, bytes=size.total, exact=size.complete)

    # -- what cannot travel -----------------------------------------------------------------

    def _obstacles(
        self, values: dict[str, Any], sizes: dict[str, Size]
    ) -> Iterator[tuple[str, Obstacle]]:
        """Each variable that is certainly needed and cannot go, by name."""
        certain = self._options.inputs is not None
        for name in sorted(values, key=lambda name: sizes[name].total):
            if not certain and not self._cell.reads.get(name, False):
                continue
            if self._cannot_go(values[name], sizes[name]):
                yield name, explain(name, values[name], self._raw)

    def _cannot_go(self, value: object, size: Size) -> bool:
        if is_refused(value) or is_on_gpu(value):
            return True
        tried = size.inline if callable(value) else size.total
        if self._is_late() or tried > TRIED_BYTES or not _is_harmless(value):
            return False
        return self._raw(value) is not None

    def _raw(self, value: object) -> str | None:
        return problem(value, self._namespace)

    def _cannot_travel(
        self, obstacles: dict[str, Obstacle], values: dict[str, Any]
    ) -> Iterator[Problem]:
        others = [name for name in values if name not in obstacles]
        leave = f"--inputs {','.join(others)}" if others else ""
        for name, obstacle in obstacles.items():
            fix = Fix(label=f"Leave {name} here", kind="edit", value=leave) if leave else None
            yield Problem(
                code=CannotTravel.code,
                cause=f"{obstacle.where} is {obstacle.what}. {obstacle.fix}".rstrip("."),
                where=name,
                fix=fix,
            )

    # -- modules and files ------------------------------------------------------------------

    def _missing(self) -> list[str]:
        """Of ``kernel``: a module that is missing here is missing there."""
        cell = self._cell
        installs = any("pip" in one or "conda" in one for one in cell.commands)
        changes_path = any(chain.startswith("sys.path") for chain in cell.chains)
        if self._told.environment != KERNEL or installs or changes_path:
            return []
        here = self._told.folder
        return [
            name
            for name in cell.imported
            if f"{name}.py" not in cell.strings and modules.is_missing(name, here)
        ]

    @staticmethod
    def _lacks(name: str) -> Problem:
        return Problem(
            code="MissingModule",
            cause=f"{name} is not in {KERNEL}",
            where=name,
            fix=Fix(
                label=f"Install {package_of(name)}",
                kind="command",
                value=f"%pip install {package_of(name)}",
            ),
        )

    def _elsewhere(self) -> Iterator[Problem]:
        """Modules and files of this folder that a snapshot of it leaves out."""
        if self._told.compute in ("", LOCAL):
            return
        here = self._told.folder
        try:
            folder.check_modules(modules.local_modules(self._modules, here), here)
        except CannotTravel as error:
            yield _of(error)
        for warning in folder.warnings(self._cell.strings, here):
            rules = next((name for name in (".amlignore", ".gitignore") if name in warning), "")
            edit = Fix(label=f"Edit {rules}…", kind="open", value=f"file:{here}/{rules}")
            yield Problem(
                code="FileStaysHere",
                cause=warning.rstrip("."),
                where=warning.split('"')[1] if '"' in warning else "",
                severity="warning",
                fix=edit if rules else None,
            )


_LIGHT = frozenset({"builtins", "collections", "datetime", "decimal", "fractions", "functools"})
_ARRAYS = ("numpy", "pandas")


def _is_harmless(value: object) -> bool:
    """Whether pickling it runs no code of the person's or of a large library."""
    kind = type(value)
    if kind.__module__ in _LIGHT or kind.__module__.partition(".")[0] in _ARRAYS:
        return True
    own: Callable[..., Any] | None = getattr(kind, "__getstate__", None)
    default: Callable[..., Any] | None = getattr(object, "__getstate__", None)
    return (
        kind.__reduce__ is object.__reduce__
        and kind.__reduce_ex__ is object.__reduce_ex__
        and own is default
    )


def _split(source: str) -> tuple[str, str]:
    """The options of the ``%%aml`` line, and the rest; a cell without one is all body."""
    first, _, rest = source.partition("\n")
    if first.split(" ", 1)[0].rstrip() != _MAGIC:
        return "", source
    return first[len(_MAGIC) :].strip(), rest


def _of(error: AmlError) -> Problem:
    return Problem(code=error.code, cause=error.message.rstrip("."), where=error.target)


def _misspelt(error: SyntaxError, skipped: int) -> Problem:
    line = (error.lineno or 1) + skipped
    return Problem(
        code="SyntaxError",
        cause=f"This is not Python yet: {error.msg}",
        where=f"line {line}",
        fix=Fix(label="Go to it", kind="open", value=f"cell:{line}"),
    )


def _folder() -> str:
    try:
        return os.getcwd()
    except FileNotFoundError:
        return ""  # it was deleted; the cell itself will say so
