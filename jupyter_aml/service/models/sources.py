"""Where a model is taken from: what each form of `CreateModel.path` means on this machine.

The references are Azure ML's; the long form that begins with a subscription means the same as the
short one. Whoever knows jobs, datastores and MLflow gives a `Finder` for its own prefix.
"""

from __future__ import annotations

import os
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from jupyter_aml.model.errors import Invalid
from jupyter_aml.model.registry import Lineage

_LONG = re.compile(r"azureml://subscriptions/[^/]+/resource[gG]roups/[^/]+/(?:workspaces/[^/]+/)?")
_ADDRESS = re.compile(r"[a-z][a-z0-9+.\-]+://")


@dataclass(frozen=True)
class Source:
    """The file or folder to take, and what is known of where it came from."""

    path: Path
    lineage: Lineage = field(default_factory=Lineage)
    python: str = ""


Finder = Callable[[str], Awaitable[Source]]
"""Given the whole reference. Raises `NotFound` saying what is missing."""


class Sources:
    """`finders` by the prefix of what they find: ``azureml://jobs/``, ``runs:/``, ``azureml:``."""

    def __init__(self, finders: Mapping[str, Finder]) -> None:
        self._finders = sorted(finders.items(), key=lambda one: len(one[0]), reverse=True)

    async def locate(self, reference: str) -> Source:
        """What `reference` means. Raises `NotFound` or `Invalid`."""
        text = _LONG.sub("azureml://", reference.strip())
        for prefix, find in self._finders:
            if text.startswith(prefix):
                return await find(text)
        if _ADDRESS.match(text) and not text.startswith("file://"):
            raise Invalid(
                f"{reference} is no place that a model can be registered from here.",
                target="path",
                hint="A path of this machine, azureml://jobs/JOB/outputs/NAME/paths/PATH, "
                "azureml://datastores/NAME/paths/PATH, azureml:NAME:VERSION or runs:/RUN/PATH.",
            )
        path = os.path.expanduser(text.removeprefix("file://"))
        if not os.path.isabs(path):
            raise Invalid(
                f"The path {reference!r} is relative.", target="path", hint="Give it whole."
            )
        return Source(Path(path))
