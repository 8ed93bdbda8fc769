"""Whether an environment has the modules that a cell needs, before the cell is sent there.

Of a built one the service knows what can be imported. Of one that is not built yet only the
requirements are known; what those bring along is looked up where they are installed here too.
"""

from __future__ import annotations

import platform
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from importlib import metadata
from importlib.machinery import PathFinder

from jupyter_aml.client.client import Client
from jupyter_aml.client.packages import brought_along, canonical
from jupyter_aml.model import packages
from jupyter_aml.model.environment import Environment
from jupyter_aml.model.errors import Invalid


@dataclass(frozen=True)
class Missing:
    """Modules that the environment lacks, and those of which nobody can say it."""

    surely: list[str] = field(default_factory=list[str])
    perhaps: list[str] = field(default_factory=list[str])


def check(client: Client, name: str, needed: Iterable[str], folder: str) -> list[str]:
    """What to warn of. Raise `Invalid` for modules that the environment `name` lacks.

    `needed` are modules that the cell imports or takes along; those that lie in `folder` travel
    with it. Raise `NotFound` where there is no such environment.
    """
    found = client.environments.get(name)
    if found.source == "kernel" or not found.content:
        return []
    tops = dict.fromkeys(module.partition(".")[0] for module in needed)
    outside = [top for top in tops if _is_outside(top, folder)]
    missing = lacking(found, outside)
    if missing.surely:
        names = ", ".join(missing.surely)
        raise Invalid(
            f"The environment {found.reference} has no module {names}.",
            target=names,
            hint=f"Make a version that has it: `{create_with(found, missing.surely)}`. Nothing "
            "was started.",
        )
    return _warnings(found, missing.perhaps)


def _warnings(found: Environment, perhaps: list[str]) -> list[str]:
    warnings: list[str] = []
    if perhaps:
        names = ", ".join(perhaps)
        warnings.append(
            f"{found.reference} is not built yet, and its requirements do not name {names}."
        )
    here = platform.python_version()
    if found.python and _minor(found.python) != _minor(here):
        warnings.append(
            f"{found.reference} has Python {found.python}, this kernel {here}: functions and "
            "classes of the notebook cannot travel between them."
        )
    return warnings


def lacking(found: Environment, modules: Iterable[str]) -> Missing:
    """Which of the top-level `modules` the environment lacks; the kernel's preflight asks too."""
    if found.state == "Succeeded":
        there = set(found.modules)
        return Missing(surely=[module for module in modules if module not in there])
    brought, is_complete = brought_along([*found.requirements, "ipython", "cloudpickle"])
    owners = metadata.packages_distributions()
    unnamed = [module for module in modules if not _packages_of(module, owners) & brought]
    return Missing(surely=unnamed) if is_complete else Missing(perhaps=unnamed)


def create_with(found: Environment, modules: Iterable[str]) -> str:
    """The command that makes a version of it which has `modules` as well."""
    wanted = dict.fromkeys([*found.requirements, *map(package_of, modules)])
    name = f"{found.name}-mine" if found.source == "curated" else found.name
    return f'%aml environment create {name} --pip "{" ".join(wanted)}"'


def package_of(module: str) -> str:
    """The package that brings `module`: the one that brought it here, else by its name."""
    found = metadata.packages_distributions().get(module)
    return found[0] if found else packages.package_of(module)


def _is_outside(module: str, folder: str) -> bool:
    """Neither of the standard library nor of the person's own folder."""
    if module in sys.stdlib_module_names or module in ("__main__", "jupyter_aml"):
        return False
    return PathFinder.find_spec(module, [folder]) is None


def _packages_of(module: str, owners: Mapping[str, list[str]]) -> set[str]:
    known = (*owners.get(module, ()), packages.package_of(module), module)
    return {canonical(name) for name in known}


def _minor(version: str) -> str:
    return ".".join(version.split(".")[:2])
