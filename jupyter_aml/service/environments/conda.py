"""A conda file, as far as it can be given without conda.

The pip part is taken as it is; packages of conda that have a name on the package index are taken
under that name; of everything else `read` says what and why. Pure but for its table of names.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, cast

import msgspec
import yaml

from jupyter_aml.model.errors import Invalid

LARGEST = 1_000_000

_SPEC = re.compile(r"(?:(?P<channel>[^\s:=<>!\[]+)::)?(?P<name>[A-Za-z0-9_.\-]+)\s*(?P<rest>.*)")
_COMPARED = re.compile(r"(>=|<=|==|!=|~=|>|<)\s*([0-9A-Za-z.*+!_\-]+)$")
_NUMPY_2 = {
    "scikit-learn": (1, 4, 2),
    "pandas": (2, 2, 2),
    "scipy": (1, 13),
    "matplotlib": (3, 8, 4),
    "statsmodels": (0, 14, 2),
    "numba": (0, 60),
    "pyarrow": (16,),
    "h5py": (3, 11),
    "pytorch": (2, 3),
    "tensorflow": (2, 18),
}
"""Packages that are compiled against NumPy, and the first version of each that runs with NumPy 2.
Conda knows that of older ones; on the index nothing keeps NumPy 2 from them."""
_KNOWN = frozenset({"name", "channels", "dependencies", "variables", "prefix"})


class _Names(msgspec.Struct, frozen=True):
    renamed: dict[str, str]
    absent: dict[str, str]
    absent_prefixes: dict[str, str]


@dataclass
class CondaFile:
    """What of a conda file can be given."""

    name: str = ""
    python: str = ""
    """The version or range that it asks for."""
    requirements: list[str] = field(default_factory=list[str])
    warnings: list[str] = field(default_factory=list[str])
    """What it asks for beyond, in sentences."""
    needs_numpy_1: bool = False
    """A package of conda's that it asks for is of before NumPy 2."""


def read(text: str) -> CondaFile:
    """Raises `Invalid` for what is no conda file."""
    data = _load(text)
    found = CondaFile(name=str(data.get("name") or ""))
    for entry in _list(data, "dependencies"):
        if isinstance(entry, dict):
            _pip_part(cast("dict[object, object]", entry), found)
        else:
            _package(str(entry), found)
    if found.needs_numpy_1 and not any(_says_numpy(one) for one in found.requirements):
        found.requirements.append("numpy<2")
    channels = [str(c) for c in _list(data, "channels") if str(c) not in ("nodefaults", "defaults")]
    if channels and any(_is_of_channel(entry) for entry in _list(data, "dependencies")):
        found.warnings.append(
            f"The channels {', '.join(channels)} are not used here: packages come from the index."
        )
    if data.get("variables"):
        found.warnings.append("The variables of the conda file are not set: give them to the job.")
    for key in data.keys() - _KNOWN:
        found.warnings.append(f"The field {key} of the conda file is not understood.")
    return found


def _is_of_channel(entry: object) -> bool:
    """A package of conda's. Python itself and pip, which come from nowhere here, are none."""
    match = _SPEC.fullmatch(entry.strip()) if isinstance(entry, str) else None
    return match is not None and match["name"].lower() not in ("python", "pip")


def _load(text: str) -> dict[str, Any]:
    if len(text) > LARGEST:
        raise Invalid("The conda file is larger than 1 MB.", target="condaFile")
    try:
        data = yaml.safe_load(text)
    except (yaml.YAMLError, RecursionError) as error:
        raise Invalid(
            "The conda file is not YAML.",
            target="condaFile",
            hint="It begins like  dependencies: [python=3.11, pip, {pip: [pandas]}]",
            details=[str(error)],
        ) from None
    if not isinstance(data, dict):
        raise Invalid("The conda file has no fields.", target="condaFile")
    return cast("dict[str, Any]", data)


def _list(data: dict[str, Any], key: str) -> list[object]:
    value: object = data.get(key) or []
    if not isinstance(value, list):
        raise Invalid(f"{key} of the conda file is not a list.", target=f"condaFile.{key}")
    return cast("list[object]", value)


def _pip_part(entry: dict[object, object], found: CondaFile) -> None:
    for key, lines in entry.items():
        if key != "pip" or not isinstance(lines, list):
            raise Invalid(
                f"{key!r} is no part of a conda file's dependencies.",
                target="condaFile.dependencies",
                hint="A list of packages may hold one part  pip: [...]",
            )
        found.requirements += [str(line) for line in cast("list[object]", lines)]


def _package(text: str, found: CondaFile) -> None:
    match = _SPEC.fullmatch(text.strip())
    if match is None:
        raise Invalid(f"{text!r} is no package of conda.", target="condaFile.dependencies")
    name, rest = match["name"].lower(), match["rest"].strip()
    version, told = _version(rest)
    if name == "python":
        found.python = rest.split("=*")[0] if "=*" in rest else rest
        return
    names = _names()
    why = names.absent.get(name) or next(
        (w for prefix, w in names.absent_prefixes.items() if name.startswith(prefix)), ""
    )
    # What the index is known to have under another name is not absent.
    given = names.renamed.get(name, "" if why else match["name"])
    if given:
        found.requirements.append(f"{given}{version}")
        found.needs_numpy_1 |= _is_of_numpy_1(name, version)
        if told:
            found.warnings.append(f"{text}: {told}.")
    elif why:
        found.warnings.append(f"{match['name']} {why}.")


def _is_of_numpy_1(name: str, version: str) -> bool:
    """Whether the version that it is pinned to was compiled for NumPy 1."""
    first, pinned = _NUMPY_2.get(name), re.fullmatch(r"==([0-9.]+?)(?:\.\*)?", version)
    if first is None or pinned is None:
        return False
    told = tuple(int(part) for part in pinned[1].split(".") if part)
    return told < first[: len(told)]


def _says_numpy(requirement: str) -> bool:
    """Whether it says which NumPy it wants."""
    return re.match(r"numpy\s*[=<>~!]", requirement, re.IGNORECASE) is not None


def _version(rest: str) -> tuple[str, str]:
    """What follows a package's name, as pip writes it, and what cannot be said that way."""
    if not rest or rest == "*":
        return "", ""
    if "[" in rest or "|" in rest:
        return "", f"the condition {rest} cannot be given, so any version is taken"
    parts = [part.strip() for part in rest.split(",")]
    if all(_COMPARED.fullmatch(part) for part in parts):
        return ",".join(re.sub(r"\s+", "", part) for part in parts), ""
    plain = re.fullmatch(r"(={0,2})\s*([0-9][0-9A-Za-z.*+!_]*)(?:[=\s]+(\S+))?", rest)
    if plain is None:
        return "", f"the condition {rest} cannot be given, so any version is taken"
    operator, version, build = plain.groups()
    said = f"the build {build} exists in conda alone; the version is taken" if build else ""
    if version.endswith("*") or operator == "==" or build:
        return f"=={_wildcard(version)}", said
    # "numpy=1.26" is every 1.26.x there; a bare "numpy 1.26" is exact.
    return (f"=={version}.*" if operator == "=" else f"=={version}"), said


def _wildcard(version: str) -> str:
    return re.sub(r"\.?\*$", ".*", version)


@lru_cache(maxsize=1)
def _names() -> _Names:
    path = Path(__file__).with_name("conda_names.json")
    return msgspec.json.decode(path.read_bytes(), type=_Names)
