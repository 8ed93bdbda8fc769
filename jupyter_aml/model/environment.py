"""Environments: what a job's Python is. A named version of packages, built once and then shared.

An environment is a record (name and version); what it holds is its *content*: requirements,
Python and platform. Two records with the same content share one build and one folder.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from jupyter_aml.model.errors import ErrorBody

KERNEL = "kernel"
"""The environment that is always there: the notebook's own interpreter."""

Source = Literal["kernel", "curated", "user"]


class EnvironmentContent(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """What an environment is to hold. Everything in it may be left out.

    ``requirements`` are lines of a requirements file; ``conda_file`` is the text of a conda file
    (YAML), of which everything is taken that has a name on the package index. ``python`` is a
    version or a range ("3.11", ">=3.10,<3.12"); empty takes the service's own version. With
    ``strict`` whatever cannot be given exactly is refused instead of stored as a warning.
    """

    requirements: list[str] = []
    conda_file: str = ""
    python: str = ""
    image: str = ""
    """A container image, which is not run on a local workspace; a warning says so."""
    strict: bool = False
    left_out: list[str] = []
    """What else was asked for and is not given here, in sentences: they become warnings."""


class CreateEnvironment(EnvironmentContent, frozen=True):
    """Body of `environments.create`: the same content under the same name is the same version."""

    name: Annotated[str, Meta(min_length=1)]
    version: str = ""
    """Empty takes the next number when the content is new."""
    description: str = ""
    tags: dict[str, str] = {}
    azure: dict[str, Any] = {}
    """What a request in ARM's words said beyond the fields here; nothing is done with it."""


class Environment(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """An environment as it is. ``state`` is a word of `lifecycle.ENVIRONMENT`.

    ``python`` is the version that it has or will have; ``packages`` what is installed (name to
    version), empty until it is built. Sizes are bytes, durations seconds.
    """

    name: str
    version: str = ""
    """Empty for ``kernel`` alone."""
    description: str = ""
    state: str
    reason: str = ""
    """What a build is doing: "installing 12 packages"."""
    source: Source = "user"
    python: str = ""
    requirements: list[str] = []
    packages: dict[str, str] = {}
    modules: list[str] = []
    """Top-level modules that can be imported; told by `environments.get` alone."""
    content: str = ""
    """Key of its content; environments with the same key share one build."""
    bytes: int = 0
    build_seconds: float | None = None
    usual_seconds: float | None = None
    """How long such a build usually took here; None before there is any history."""
    build_started_at: str | None = None
    built_at: str | None = None
    created_at: str = ""
    error: ErrorBody | None = None
    warnings: list[str] = []
    """What of the wish is given otherwise or not at all, in words."""
    image: str = ""
    conda_file: str = ""
    """The text that it was made from, where that was one; told by `environments.get` alone."""
    tags: dict[str, str] = {}
    archived: bool = False
    azure: dict[str, Any] = {}

    @property
    def reference(self) -> str:
        """How jobs name it: ``name:version``, or ``kernel``."""
        return f"{self.name}:{self.version}" if self.version else self.name


class EnvironmentList(msgspec.Struct, rename="camel", frozen=True):
    """``kernel`` first, then the person's own, newest first, then the curated ones."""

    value: list[Environment]


class BuildLine(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """One line of a build's log. ``seq`` counts from 1 in each build."""

    seq: int
    time: str
    text: str


class DiffEnvironment(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """Body of `environments.diff`: what the notebook has, package name to version."""

    packages: dict[str, str] = {}
    python: str = ""
    """The notebook's Python version; empty is not compared."""


class DiffRow(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """One package on both sides; an empty version means that it is not there."""

    package: str
    notebook: str
    environment: str
    status: Literal["same", "different", "missing", "extra"]
    """missing: the environment lacks what the notebook has. extra: the other way round."""


class EnvironmentDiff(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """Rows that differ first. ``complete`` is False for an environment that is not built yet:
    its requirements are compared, and what they will bring along is not known."""

    environment: str
    rows: list[DiffRow]
    complete: bool = True
