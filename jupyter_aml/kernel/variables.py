"""What a cell takes along: the variables, modules and functions of the notebook that it reads.

Checked before anything is sent: every variable that cannot travel is named, with the reason and
with what to do instead. The person's objects are read, never changed.
"""

from __future__ import annotations

import re
import types
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from jupyter_aml.kernel import modules
from jupyter_aml.kernel.names import CellNames
from jupyter_aml.kernel.pickling import Pickled, pickled, problem
from jupyter_aml.kernel.travel import cannot_travel, explain
from jupyter_aml.model.errors import CannotTravel, Invalid

# Results of cells before: IPython hides them, but the person may read them.
_EARLIER = re.compile(r"_{1,3}|_\d+")
_MISSING = object()
_HISTORY = frozenset({"In", "Out", "_dh", "_ih", "_oh"})


@dataclass
class Capture:
    """What one cell takes along."""

    names: list[str] = field(default_factory=list)
    pickled: Pickled = field(default_factory=lambda: Pickled(b""))
    imports: list[str] = field(default_factory=list)
    """Statements to repeat there, before the variables are unpickled."""
    modules: set[str] = field(default_factory=set)
    """Every module that the cell will need there, by import or for its variables."""


def capture(
    cell: CellNames,
    namespace: dict[str, Any],
    *,
    hidden: Mapping[str, Any] | None = None,
    only: Sequence[str] | None = None,
    known: Mapping[str, Any] | None = None,
) -> Capture:
    """Take what `cell` reads from `namespace`.

    `hidden` are names that IPython itself put there. `only` (the option -i) names exactly what to
    take besides modules. `known` are variables that the session there has already, by name: the
    same object is not sent again. Raise `CannotTravel`, naming all that cannot.
    """
    names = wanted(cell, namespace, hidden or {}, only)
    found = Capture(modules=set(cell.imported))
    values: dict[str, Any] = {}
    for name in names:
        value = namespace[name]
        statement = None
        if isinstance(value, types.ModuleType):
            statement = modules.import_statement(name, value)
        if statement is None:
            if only is not None or not known or known.get(name, _MISSING) is not value:
                values[name] = value
            continue
        found.imports.append(statement)
        found.imports += modules.submodules(name, value, cell.chains)
        found.modules.add(value.__name__)
    if values:
        certain = names if only is not None else [n for n, sure in cell.reads.items() if sure]
        found.pickled = take(values, namespace, certain)
        found.names = list(values)
        found.modules |= found.pickled.modules
    return found


def wanted(
    cell: CellNames,
    namespace: Mapping[str, Any],
    hidden: Mapping[str, Any],
    only: Sequence[str] | None,
) -> list[str]:
    """Names to take, in the order in which the cell reads them."""
    if only is not None:
        missing = [name for name in only if name not in namespace]
        if missing:
            raise Invalid(
                f"There is no variable {', '.join(missing)} in this notebook.",
                target="--inputs",
                hint="Run the cell that sets it, or leave it out of -i.",
            )
        also = [n for n in cell.reads if isinstance(namespace.get(n), types.ModuleType)]
        return list(dict.fromkeys([*only, *also]))
    for name in cell.reads:
        if name in _HISTORY and name in namespace:
            raise CannotTravel(
                f"{name} is the history of this notebook, which stays here.",
                target=name,
                hint=f"Give the value a name first, in a plain cell: x = {name}[...]",
            )
    return [name for name in cell.reads if name in namespace and _is_own(name, namespace, hidden)]


def _is_own(name: str, namespace: Mapping[str, Any], hidden: Mapping[str, Any]) -> bool:
    """Whether the person made the variable, rather than Python or IPython."""
    if name.startswith("__") and name.endswith("__") and len(name) > 4:
        return False
    is_hidden = name in hidden and hidden[name] is namespace[name]
    return not is_hidden or _EARLIER.fullmatch(name) is not None


def take(values: dict[str, Any], namespace: dict[str, Any], certain: Iterable[str]) -> Pickled:
    """`values` by name, pickled. Raise `CannotTravel` naming each of `certain` that cannot be.

    Others, which may not be needed, are left out (of `values` too) where they cannot be taken.
    """
    try:
        return pickled(values, namespace)
    except Exception:  # whatever a foreign __reduce__ raises; explained below
        failed = {n: v for n, v in values.items() if problem(v, namespace) is not None}
    needed = set(certain)
    obstacles = [
        explain(name, value, lambda part: problem(part, namespace))
        for name, value in failed.items()
        if name in needed
    ]
    if obstacles:
        hint = "To leave a variable here, name the others: %%aml -i a,b"
        raise cannot_travel("variable", obstacles, hint)
    for name in failed:
        del values[name]
    return pickled(values, namespace) if values else Pickled(b"")
