"""Why a build failed, from its log: which requirement, why, and what to write instead.

Pure: the last lines and the requirements come in. Patterns are those of uv and pip; where none
is met, the last line that says "error" is the message, and nothing is guessed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path

import msgspec

from jupyter_aml.model.errors import EnvironmentFailed, ErrorBody
from jupyter_aml.model.nearest import nearest_of
from jupyter_aml.model.packages import PACKAGE_OF
from jupyter_aml.service.environments.requirements import (
    canonical,
    condition_of,
    name_of,
    names_of,
)

_NAME = r"([A-Za-z0-9][A-Za-z0-9._-]*)"
_UNREACHABLE = re.compile(
    r"error sending request|dns error|Failed to establish a new connection|NewConnectionError|"
    r"Name or service not known|Temporary failure in name resolution|Connection refused|"
    r"Could not connect|Network is unreachable|ReadTimeoutError|operation timed out",
    re.IGNORECASE,
)
_FULL = re.compile(r"No space left on device|os error 28|Disk quota exceeded", re.IGNORECASE)
_PYTHON = re.compile(
    r"current Python version \(([\d.]+)\) does not satisfy Python\s*([<>=!~\d.,\s*]+\d)|"
    r"requires a different Python: ([\d.]+) not in '([^']+)'"
)
_ONLY_OTHERS = re.compile(
    r"require a different python version: .*?Requires-Python ([<>=!~\d.,*]+\d)(?!.*Requires-Python)"
    rf".*satisfies the requirement {_NAME}\S* \(from versions: none\)"
)
_MISSING_UV = re.compile(
    rf"Because {_NAME} was not found in the (?:package registry|provided package locations)"
)
_MISSING_PIP = re.compile(rf"satisfies the requirement {_NAME}\S* \(from versions: none\)")
_VERSION_UV = re.compile(
    rf"there (?:is no version|are no versions) of {_NAME}(?:\[[^\]]*\])?((?:[=<>!~]=?|===)[^\s,]+)|"
    rf"only (?:the following versions of )?{_NAME}(?:[<>=]\S*)? (?:is|are) available",
)
_VERSION_PIP = re.compile(
    rf"satisfies the requirement {_NAME}(\S*) \(from versions: (?!none)([^)]*)\)"
)
_CONFLICT_UV = re.compile(r"requirements are\s+unsatisfiable|are incompatible")
_CONFLICT_PIP = re.compile(r"Cannot install (.+) because these package versions have conflicting")
_BUILD_UV = re.compile(rf"Failed to (?:download and )?build `?{_NAME}(?:==)?([^`\s]*)`?")
_BUILD_PIP = re.compile(
    rf"(?:Failed building wheel for|Failed to build(?: installable wheels for some "
    rf"pyproject\.toml based projects)?:? \(?|Failed to build '){_NAME}"
)
_PREPARE_PIP = re.compile(rf"^\s*Collecting {_NAME}")
_HASH = re.compile(r"HashMismatch|Hash mismatch|THESE PACKAGES DO NOT MATCH THE HASHES")
_SAID = re.compile(r"(?:^|\b)(?:error|failed|fatal)\b", re.IGNORECASE)


def explain(lines: Iterable[str], requirements: Sequence[str], step: str) -> ErrorBody:
    """`step` says what was being done; it is the message when the log says nothing."""
    log = [line for line in lines if line.strip()]
    # uv breaks its sentences at the screen's width and sets off the parts with signs.
    text = re.sub(r"\s+", " ", " ".join(re.sub(r"[│╰─▶├]|-> ?", " ", line) for line in log))
    cause = (
        _outside(text)
        or _wrong_python(text, requirements)
        or _unknown(text, requirements)
        or _no_version(text, requirements)
        or _conflict(text, log, requirements)
        or _not_built(text, log, requirements)
        or _other(log, step)
    )
    return ErrorBody(
        code=EnvironmentFailed.code,
        message=cause[1],
        target=cause[0],
        hint=cause[2],
        details=log[-40:],
    )


_Cause = tuple[str, str, str]
"""Target, message and hint."""


def _outside(text: str) -> _Cause | None:
    """Nothing is wrong with the requirements."""
    if _FULL.search(text):
        return "disk", "The disk is full.", "Make room, then build again."
    if _UNREACHABLE.search(text):
        return (
            "index",
            "The package index could not be reached.",
            "Look at the network, then build again; the log names the address.",
        )
    return None


def _wrong_python(text: str, requirements: Sequence[str]) -> _Cause | None:
    if found := _PYTHON.search(text):
        needs = (found[2] or found[4]).strip()
        name = _first_named(text[found.start() :], requirements)
        name = name or _first_named(text, requirements)
    elif found := _ONLY_OTHERS.search(text):
        needs, name = found[1], found[2]
    else:
        return None
    return (
        _line_of(name, requirements) or "python",
        f"{name or 'A package'} needs Python {needs}, which the environment does not have.",
        "Ask for another Python, or for a version that supports this one.",
    )


def _unknown(text: str, requirements: Sequence[str]) -> _Cause | None:
    found = _MISSING_UV.search(text) or _MISSING_PIP.search(text)
    if found is None:
        return None
    name = found[1].rstrip(".")
    near = nearest_name(name, requirements)
    line = _line_of(name, requirements)
    hint = f"Did you mean {near}?" if near else "Look its name up where you found it described."
    if not line:
        return name, f"There is no package {name}, which another package needs.", hint
    return line, f"There is no package {name} on the index.", hint


def _no_version(text: str, requirements: Sequence[str]) -> _Cause | None:
    """The package is there, and the version is not."""
    pip, uv = _VERSION_PIP.search(text), _VERSION_UV.search(text)
    match = pip or uv
    if match is None:
        return None
    name = (match[1] or (match[3] if uv is match else "")).rstrip(".")
    line = _line_of(name, requirements)
    if not line:
        return None
    there = [v.strip() for v in pip[3].split(",")][-5:] if pip else []
    hint = f"There are: {', '.join(there)}." if there else f"Leave the version of {name} open."
    return line, f"{name} has no version that fits {condition_of(line) or 'this Python'}.", hint


def _conflict(text: str, log: Sequence[str], requirements: Sequence[str]) -> _Cause | None:
    pip = _CONFLICT_PIP.search(text)
    if pip is None and not _CONFLICT_UV.search(text):
        return None
    said = pip[1] if pip else text
    named = [
        line
        for line in requirements
        if (name := name_of(line)) and re.search(rf"(?i)(?<![\w-]){re.escape(name)}(?![\w-])", said)
    ]
    what = " and ".join(named[:3]) or "The requirements"
    return (
        named[0] if named else "requirements",
        f"{what} {'contradict each other' if len(named) != 1 else 'cannot be fulfilled'}.",
        f"Loosen one of them. The log says: {_reason(text) or log[-1].strip()}",
    )


def _reason(text: str) -> str:
    found = re.search(r"Because .{0,400}?(?=, we can conclude| and (?:you|your)|$)", text)
    return found[0] if found else ""


def _not_built(text: str, log: Sequence[str], requirements: Sequence[str]) -> _Cause | None:
    """A package without a wheel for this machine, whose own build failed."""
    found = _BUILD_UV.search(text) or _BUILD_PIP.search(text)
    name = found[1].rstrip(".") if found else ""
    if not name and re.search(r"subprocess-exited-with-error|Getting requirements to build", text):
        collected = [m[1] for line in log if (m := _PREPARE_PIP.match(line))]
        name = collected[-1] if collected else ""
    if not name:
        return None
    why = next((line.strip() for line in reversed(log) if _compiler(line)), "")
    return (
        _line_of(name, requirements) or name,
        f"{name} has no ready-made build for this Python, and building it here failed"
        + (f": {why}" if why else "")
        + ".",
        f"Take a version of {name} with a wheel for this Python, or another Python version.",
    )


def _compiler(line: str) -> bool:
    return bool(
        re.search(r"command '.*' failed|(gcc|cc|clang|cmake|cargo|rustc)\S* .*not found", line)
        or re.search(r"(Module|Import|FileNotFound|Runtime|Attribute|Value|Key)Error: ", line)
        or "fatal error:" in line
    )


def _other(log: Sequence[str], step: str) -> _Cause:
    said = next((line.strip() for line in reversed(log) if _SAID.search(line)), "")
    if _HASH.search(" ".join(log)):
        said = "A package is not the one that its hash says"
    message = re.sub(r"(?i)^error:\s*", "", said).rstrip(".") or f"It ended while {step}"
    return "", f"{message}.", "The log of the build says more."


# -- names ----------------------------------------------------------------------------------


def nearest_name(name: str, requirements: Sequence[str] = ()) -> str:
    """The package that `name` is most likely a slip of, of those known here; "" if none is."""
    wanted = canonical(name)
    known = [one for one in (*popular(), *names_of(requirements)) if canonical(one) != wanted]
    instead = _MODULES.get(wanted, "")
    return instead if instead and canonical(instead) != wanted else nearest_of(wanted, known)


_MODULES = {canonical(module): package for module, package in PACKAGE_OF.items()}
"""Names of modules, which people give for packages."""


@lru_cache(maxsize=1)
def popular() -> list[str]:
    """Names of packages that people often ask for."""
    path = Path(__file__).with_name("popular.json")
    return msgspec.json.decode(path.read_bytes(), type=list[str])


def _line_of(name: str, requirements: Sequence[str]) -> str:
    wanted = canonical(name) if name else ""
    return next((line for line in requirements if wanted and name_of(line) == wanted), "")


def _first_named(text: str, requirements: Sequence[str]) -> str:
    places = {
        name: found.start()
        for name in names_of(requirements)
        if (found := re.search(rf"(?i)(?<![\w-]){re.escape(name)}(?![\w-])", text))
    }
    return min(places, key=lambda name: places[name]) if places else ""
