"""What the notebook has against what the environment has. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from jupyter_aml.model.environment import DiffRow
from jupyter_aml.service.environments.requirements import canonical, condition_of, name_of

_ORDER = {"missing": 0, "different": 1, "extra": 2, "same": 3}
ANY = "any version"


def compare(
    notebook: Mapping[str, str], packages: Mapping[str, str], pythons: tuple[str, str]
) -> list[DiffRow]:
    """Rows of all packages of both sides, those that matter first; `pythons` are the two versions
    of Python, of which an empty one is not compared."""
    here, there = _by_key(notebook), _by_key(packages)
    rows = [
        _row((there.get(key) or here[key])[0], _version(here, key), _version(there, key))
        for key in sorted({*here, *there})
    ]
    return _ordered(rows, pythons)


def compare_wished(
    notebook: Mapping[str, str], requirements: Sequence[str], pythons: tuple[str, str]
) -> list[DiffRow]:
    """Rows of what the environment asks for: what that brings along is not known yet."""
    here = _by_key(notebook)
    rows = [
        _row(name, _version(here, name), condition_of(text) or ANY)
        for text in requirements
        if (name := name_of(text))
    ]
    return _ordered(rows, pythons)


def _by_key(packages: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    return {canonical(name): (name, version) for name, version in packages.items()}


def _version(side: Mapping[str, tuple[str, str]], key: str) -> str:
    return side.get(key, ("", ""))[1]


def _ordered(rows: list[DiffRow], pythons: tuple[str, str]) -> list[DiffRow]:
    rows.sort(key=lambda row: _ORDER[row.status])
    return [_row("Python", *pythons), *rows] if all(pythons) else rows


def _row(package: str, notebook: str, environment: str) -> DiffRow:
    if not environment:
        status = "missing"
    elif not notebook:
        status = "extra"
    elif environment.startswith("==") and not environment.endswith("*"):
        status = "same" if environment[2:] == notebook else "different"
    elif environment[0] in "=<>!~" or environment == ANY:
        status = "same"  # it may well be: the condition is not decided here
    else:
        status = "same" if notebook == environment else "different"
    return DiffRow(package=package, notebook=notebook, environment=environment, status=status)
