"""A Dockerfile with the files beside it, as far as it can be given without containers.

What it installs by pip or conda is taken; the image that it begins with is named; every other
step is told as left out. Reads files of its folder only.
"""

from __future__ import annotations

import itertools
import re
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from jupyter_aml.model.environment import EnvironmentContent
from jupyter_aml.model.errors import Invalid

_LARGEST = 1_000_000
_SILENT = ("ARG", "CMD", "COPY", "ADD", "ENTRYPOINT", "EXPOSE", "LABEL", "SHELL", "WORKDIR")
"""Instructions that say nothing of what a job's Python holds."""
_QUIET_COMMANDS = ("cd", "rm", "echo", "mkdir", "true", "set")
_WITH_VALUE = ("-i", "--index-url", "--extra-index-url", "-f", "--find-links", "--trusted-host")
_SPLIT = re.compile(r"\s*(?:&&|;|\|\|)\s*")


@dataclass
class _Found:
    image: str = ""
    requirements: list[str] = field(default_factory=list[str])
    conda_file: str = ""
    left_out: list[str] = field(default_factory=list[str])


def read(folder: Path, dockerfile: str = "Dockerfile") -> EnvironmentContent:
    """What the Dockerfile of `folder` comes to. Raises `Invalid` where there is none."""
    found = _Found()
    for word, rest in _instructions(_text(folder, dockerfile)):
        if word == "FROM":
            found.image = rest.split()[0] if rest.split() else ""
        elif word == "RUN":
            for command in _SPLIT.split(rest):
                _run(folder, command, found)
        elif word == "ENV":
            found.left_out.append(f"ENV {rest[:80]} is not set: give it to the job.")
        elif word not in _SILENT:
            found.left_out.append(f"{word} {rest[:80]} of the Dockerfile is not done.")
    return EnvironmentContent(
        requirements=found.requirements,
        conda_file=found.conda_file,
        image=found.image,
        left_out=found.left_out,
    )


def _instructions(text: str) -> Iterator[tuple[str, str]]:
    """Word and rest of each, continued lines joined."""
    lines = (line for line in text.splitlines() if not line.lstrip().startswith("#"))
    joined = re.sub(r"\\\s*\n", " ", "\n".join(lines))
    for line in joined.splitlines():
        word, _, rest = line.strip().partition(" ")
        if word:
            yield word.upper(), rest.strip()


def _run(folder: Path, command: str, found: _Found) -> None:
    try:
        words = shlex.split(command)
    except ValueError:  # a quote that does not end
        words = command.split()
    if not words or words[0] in _QUIET_COMMANDS:
        return
    if (arguments := _of_pip(words)) is not None:
        found.requirements += _requirements(folder, arguments)
    elif words[0] in ("conda", "mamba", "micromamba") and (file := _after(words, "-f", "--file")):
        found.conda_file = _text(folder, file)
    else:
        found.left_out.append(f"RUN {command[:80]} of the Dockerfile is not done.")


def _of_pip(words: Sequence[str]) -> list[str] | None:
    """The arguments of ``pip install``, None for another command."""
    line = [PurePosixPath(word).name for word in words]
    for begin in (["pip"], ["pip3"], ["python", "-m", "pip"], ["python3", "-m", "pip"]):
        if line[: len(begin) + 1] == [*begin, "install"]:
            return list(words[len(begin) + 1 :])
    if line[:3] == ["uv", "pip", "install"]:
        return list(words[3:])
    return None


def _requirements(folder: Path, arguments: Sequence[str]) -> list[str]:
    found: list[str] = []
    rest = iter(arguments)
    for word in rest:
        if word in ("-r", "--requirement"):
            found += _text(folder, next(rest, "")).splitlines()
        elif word in _WITH_VALUE:
            found.append(f"{word} {next(rest, '')}")
        elif not word.startswith("-"):
            found.append(word)
    return found


def _after(words: Sequence[str], *options: str) -> str:
    for option, value in itertools.pairwise(words):
        if option in options:
            return value
    return ""


def _text(folder: Path, name: str) -> str:
    """A file of the folder. Where the image has it is not known, so its name counts as well."""
    whole = folder.resolve()
    for path in (whole / name.lstrip("/"), whole / PurePosixPath(name).name):
        place = path.resolve()
        if name and place.is_relative_to(whole) and place.is_file():
            if place.stat().st_size > _LARGEST:
                raise Invalid(f"{name[:80]} is larger than 1 MB.", target="build")
            return place.read_text(encoding="utf-8", errors="replace")
    raise Invalid(
        f"The build context has no file {name[:80]!r}.",
        target="build",
        hint="Put the Dockerfile and the files that it names into the folder of the context.",
    )
