"""From what was asked for to a content that can be built, and what is given otherwise."""

from __future__ import annotations

import hashlib
import sysconfig
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import msgspec

from jupyter_aml.model.environment import EnvironmentContent
from jupyter_aml.model.errors import Invalid
from jupyter_aml.service.environments import conda, pythons, requirements
from jupyter_aml.service.environments.pythons import Interpreter
from jupyter_aml.service.environments.recipes import Recipe
from jupyter_aml.service.environments.records import Build

RUNNER_NEEDS = ("ipython>=8.18", "cloudpickle>=3")
"""What makes a cell's output rich and its variables travel; see docs/developer/contracts.md."""

FORMAT = 1
"""Part of every key: raised when environments are laid out in another way."""


@dataclass(frozen=True)
class Plan:
    """A content before it is built, None where there is nothing to build."""

    build: Build | None
    warnings: list[str]
    name: str = ""
    """The name that a conda file gives itself."""


def plan(
    wished: EnvironmentContent,
    installed: Callable[[], Sequence[Interpreter]],
    recipe: Recipe | None = None,
    needed: Sequence[str] = RUNNER_NEEDS,
) -> Plan:
    """What `wished` comes to on this machine. Raises `Invalid` or `NotFound`, above all with
    ``strict``, which allows no warning. `installed` may block: it is asked for what it knows
    only where our own Python does not do. `needed` is what of ours has to run there."""
    conda_file = conda.read(wished.conda_file) if wished.conda_file.strip() else None
    lines = [*wished.requirements, *(recipe.requirements if recipe else [])]
    warnings = list(wished.left_out)
    asked = wished.python
    if conda_file is not None:
        lines += conda_file.requirements
        warnings += conda_file.warnings
        asked = asked or conda_file.python
    wanted = requirements.read(lines)
    if wished.image:
        warnings.append(_about_image(wished.image, bool(wanted or asked)))
    choice = pythons.choose(asked, [pythons.own()])
    if choice.warning:
        choice = pythons.choose(asked, installed(), strict=wished.strict)
    if choice.warning:
        warnings.append(choice.warning)
    if warnings and wished.strict:
        raise Invalid(
            "Not everything that was asked for can be given here.",
            target="strict",
            hint="Leave --strict out to store these as warnings, or correct the file.",
            details=warnings,
        )
    name = conda_file.name if conda_file else ""
    if not wanted and not asked and wished.image:
        return Plan(None, warnings, name)
    lines = requirements.with_runner(wanted, needed)
    return Plan(_build(lines, choice.interpreter, recipe), warnings, name)


def _about_image(image: str, has_more: bool) -> str:
    instead = (
        "its packages are installed without it"
        if has_more
        else "the notebook's interpreter is used"
    )
    return f"image {image} is not run here: {instead}."


def _build(lines: list[str], interpreter: Interpreter, recipe: Recipe | None) -> Build:
    options = recipe.options if recipe else []
    return Build(
        content=_key(lines, options, interpreter),
        requirements=lines,
        options=list(options),
        python=interpreter.text,
        base=interpreter.path,
    )


def _key(lines: Sequence[str], options: Sequence[str], interpreter: Interpreter) -> str:
    """The order of requirements is no difference; the place of the interpreter is none either."""
    parts = [
        FORMAT,
        sorted(lines, key=str.lower),
        list(options),
        interpreter.text,
        sysconfig.get_platform(),
    ]
    return hashlib.sha256(msgspec.json.encode(parts)).hexdigest()[:16]
