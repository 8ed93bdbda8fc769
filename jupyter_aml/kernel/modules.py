"""Where modules come from: the environment, which is there too, or the person's own folders.

What is the person's own has to travel: it lies in the notebook's folder (and so in its snapshot),
or in another folder that they put on ``sys.path``.
"""

from __future__ import annotations

import functools
import importlib.util
import os
import site
import sys
import sysconfig
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from types import ModuleType


@dataclass(frozen=True)
class LocalModule:
    """A module of the person's own. ``root`` is the folder from which it is imported."""

    name: str
    file: str
    root: str


def local_modules(names: Iterable[str], folder: str) -> list[LocalModule]:
    """Those of `names` (and what they lie in) that are not part of the environment."""
    tops = dict.fromkeys(name.partition(".")[0] for name in names)
    found = (_local(top, folder) for top in tops if top not in sys.stdlib_module_names)
    return [module for module in found if module is not None]


def is_missing(name: str, folder: str) -> bool:
    """Whether importing the top-level module `name` would fail, with `folder` on the path."""
    if name in sys.modules or name in sys.stdlib_module_names:
        return False
    try:
        return _find(name, folder) is None
    except (ImportError, ValueError, AttributeError):
        return False  # something is odd about it: let the import itself say what


def import_statement(name: str, module: ModuleType) -> str | None:
    """The statement that binds `name` to `module` again; None if it cannot be imported."""
    origin = getattr(module, "__name__", "")
    if sys.modules.get(origin) is not module or getattr(module, "__spec__", None) is None:
        return None
    return f"import {origin}" if origin == name else f"import {origin} as {name}"


def submodules(name: str, module: ModuleType, chains: Iterable[str]) -> list[str]:
    """Statements for the submodules that the cell reaches through `name`: ``scipy.stats``.

    Importing a package need not import its submodules; here something else did it before.
    """
    found: dict[str, None] = {}
    for chain in chains:
        first, *rest = chain.split(".")
        if first != name:
            continue
        path = module.__name__
        for part in rest:
            path = f"{path}.{part}"
            if path not in sys.modules:
                break
            found[f"import {path}"] = None
    return list(found)


def _find(name: str, folder: str) -> ModuleSpec | None:
    """Like the import system of a process that starts in `folder`."""
    return PathFinder.find_spec(name, [folder]) or importlib.util.find_spec(name)


def _local(name: str, folder: str) -> LocalModule | None:
    try:
        module = sys.modules.get(name)
        spec = getattr(module, "__spec__", None) if module else _find(name, folder)
    except (ImportError, ValueError, AttributeError):
        return None
    if spec is None:
        return None
    places = list(spec.submodule_search_locations or ())
    place = places[0] if places else spec.origin
    if not place or place in ("built-in", "frozen"):
        return None
    file = _real(place)
    root = os.path.dirname(file)
    return LocalModule(name, file, root) if _is_own(root, folder) else None


def _real(place: str) -> str:
    """Its real path. Of what lies in the environment, each folder above it is real already."""
    if os.path.dirname(place) in _environment() and not os.path.islink(place):
        return place
    return os.path.realpath(place)


def _is_own(root: str, folder: str) -> bool:
    if _is_within(root, _environment()):
        return False
    # On no path at all: found by an import hook, as editable installs are.
    return root in {os.path.realpath(entry or folder) for entry in (folder, *sys.path)}


def _is_within(path: str, folders: Iterable[str]) -> bool:
    return any(path == folder or path.startswith(folder + os.sep) for folder in folders)


@functools.cache
def _environment() -> frozenset[str]:
    """Folders that belong to the interpreter: its library, site-packages, what .pth files add."""
    named = {sysconfig.get_path(key) for key in ("stdlib", "platstdlib", "purelib", "platlib")}
    named.update(site.getsitepackages())
    named.add(site.getusersitepackages())
    folders = {os.path.realpath(folder) for folder in named if folder}
    added = {line for folder in folders for line in _pth_lines(Path(folder))}
    return frozenset(folders | added)


def _pth_lines(folder: Path) -> list[str]:
    found: list[str] = []
    for file in folder.glob("*.pth"):
        try:
            lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:
            continue
        paths = (line.strip() for line in lines)
        found += [
            os.path.realpath(folder / path)
            for path in paths
            if path and not path.startswith(("#", "import ", "import\t"))
        ]
    return found
