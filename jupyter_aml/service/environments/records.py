"""What the store keeps of environments: names, and the builds that they share."""

from __future__ import annotations

from typing import Any

import msgspec

from jupyter_aml.model.environment import EnvironmentContent, Source
from jupyter_aml.model.errors import ErrorBody

HISTORY = 20
"""Durations of builds that are kept of each content."""


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """One version of one environment. ``content`` is "" where there is nothing to build:
    an image alone means the kernel's interpreter."""

    name: str
    version: str
    content: str
    wished: EnvironmentContent = EnvironmentContent()
    """What was asked for, in the words that it was asked in."""
    source: Source = "user"
    description: str = ""
    tags: dict[str, str] = {}
    warnings: list[str] = []
    created_at: str = ""
    archived: bool = False
    azure: dict[str, Any] = {}
    """What ARM said of it beyond our words."""

    @property
    def reference(self) -> str:
        return f"{self.name}:{self.version}"


class Build(msgspec.Struct, frozen=True, kw_only=True):
    """One content and what became of it. ``state`` is a word of `lifecycle.ENVIRONMENT`."""

    content: str
    state: str = "NotBuilt"
    requirements: list[str] = []
    """Lines of a requirements file, as they are installed."""
    options: list[str] = []
    """Further arguments for uv; a content that has some cannot be built by pip."""
    python: str = ""
    """Full version: "3.11.7"."""
    base: str = ""
    """The installed interpreter that it is made of."""
    count: int = 0
    """How often a build of it was begun."""
    packages: dict[str, str] = {}
    modules: list[str] = []
    bytes: int = 0
    seconds: list[float] = []
    """How long each build that succeeded took, the newest last."""
    started_at: str | None = None
    built_at: str | None = None
    error: ErrorBody | None = None
