"""What is installed beside this interpreter, and what of it this process uses."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from importlib import metadata

_JUPYTERS = ("ipykernel", "ipython", "jupyter-aml", "pip", "setuptools")
"""Packages that are loaded in every kernel, with all that they need."""


def installed() -> dict[str, str]:
    """Name to version."""
    found = ((one.metadata["Name"], one.version) for one in metadata.distributions())
    return {name: version for name, version in found if name}


def used() -> set[str]:
    """Canonical names of packages that this process has loaded for the person's own work."""
    owners = metadata.packages_distributions()
    tops = {module.partition(".")[0] for module in list(sys.modules)}
    loaded = {canonical(name) for top in tops for name in owners.get(top, ())}
    return loaded - brought_along(_JUPYTERS)[0]


def brought_along(names: Iterable[str]) -> tuple[set[str], bool]:
    """Packages that `names` (requirements may stand for them) are and need, by what is installed
    here; and whether that is all of them."""
    found: set[str] = set()
    unknown: set[str] = set()
    waiting = [name_of(text) for text in names]
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        found.add(name)
        try:
            needs = metadata.requires(name) or () if name else None
        except metadata.PackageNotFoundError:
            needs = None
        if needs is None:
            unknown.add(name)
            continue
        # What an installed package needs under a condition, and is not here, it does not need here.
        waiting += [name_of(text) for text in needs if ";" not in text or _is_here(text)]
    return found - {""}, not unknown


def _is_here(requirement: str) -> bool:
    if "extra ==" in requirement:
        return False
    try:
        return bool(metadata.version(name_of(requirement)))
    except (metadata.PackageNotFoundError, ValueError):
        return False


def name_of(requirement: str) -> str:
    """The canonical name of the package that a requirement is about.

    "" for an option, a path or an address: which package those bring is not known.
    """
    match = re.match(r"[A-Za-z0-9][A-Za-z0-9._-]*", requirement)
    return canonical(match[0].rstrip("._-")) if match else ""


def canonical(name: str) -> str:
    """As the package index compares names."""
    return re.sub(r"[-_.]+", "-", name).lower()
