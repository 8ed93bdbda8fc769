"""What the endpoints need from outside, as parameters: tests give fakes of each."""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from jupyter_aml import _version
from jupyter_aml.model.errors import ErrorBody
from jupyter_aml.model.registry import Model
from jupyter_aml.service.backends.local.endpoints.asking import answers
from jupyter_aml.service.backends.local.endpoints.control import Connect
from jupyter_aml.service.backends.local.endpoints.launching import Launcher
from jupyter_aml.service.backends.local.jobs.snapshots import Snapshots
from jupyter_aml.service.backends.local.machine.sizes import Sizes
from jupyter_aml.service.backends.local.state import Folders
from jupyter_aml.service.backends.protocol import Changes
from jupyter_aml.service.clock import Clock
from jupyter_aml.service.environments.place import Place
from jupyter_aml.service.money.meter import Meter
from jupyter_aml.service.store.db import Store
from jupyter_aml.service.waiting.past import PastStarts

BOOT = Path(_version.__file__).parent / "serving" / "boot.py"
"""Both programs of `jupyter_aml.serving`, which the service starts and never imports."""

DEFAULT_SIZE = "Standard_DS3_v2"
"""Azure's own default for a managed online deployment."""


class Interpreters(Protocol):
    """Which Python a deployment runs in: `interpreters.DeploymentEnvironments`."""

    def check(self, environment: str) -> tuple[str, list[str]]:
        """The reference that is meant ("kernel" for the interpreter itself), and warnings.

        Raises `NotFound`.
        """
        ...

    async def of_model(
        self, model: Model, interpreters: Sequence[str], needed: Sequence[str]
    ) -> Place:
        """Where a model without code runs when nobody named an environment: see `Codeless`."""
        ...

    async def ready(
        self, environment: str, tell: Callable[[str], object], *, of: str = ""
    ) -> tuple[str, ErrorBody | None]:
        """The interpreter, once it is built; `tell` is told how that goes. Or why it is not.

        `of` is the model whose environment it is, where nobody named that.
        """
        ...


@dataclass(frozen=True)
class World:
    """Of one workspace. ``held`` says why no paid work may start now; empty while it may."""

    folders: Folders
    store: Store
    clock: Clock
    changes: Changes
    sizes: Sizes
    meter: Meter
    past: PastStarts
    snapshots: Snapshots
    interpreters: Interpreters
    marker: Callable[[str], str]
    find_model: Callable[[str, str], Awaitable[Model]]
    """By name and version; an empty version is the newest. Raises `NotFound`."""
    held: Callable[[], str]
    launcher: Launcher
    connect: Connect
    answers: Callable[[str, float], Awaitable[bool]] = answers
    """Whether an instance answers on its socket within so many seconds."""
    python: str = sys.executable
    """The interpreter of routers."""
