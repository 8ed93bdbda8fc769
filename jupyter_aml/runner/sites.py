"""What of this interpreter is installed: its site-packages, apart from the user's own modules.

Installed packages stay as they are while a notebook is worked on; the user's own change.
"""

from __future__ import annotations

import importlib.util
import os
import site
import sysconfig
from collections.abc import Iterable
from functools import lru_cache
from types import ModuleType


@lru_cache(maxsize=1)
def folders() -> tuple[str, ...]:
    """Where this interpreter's packages are installed."""
    found = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
    found.update(site.getsitepackages())
    if site.ENABLE_USER_SITE:
        found.add(site.getusersitepackages())
    return tuple(sorted(folder for folder in found if os.path.isdir(folder)))


def installed(module: str) -> bool:
    """Whether its package lies there; not one in development, not the user's own."""
    return _installed(module.partition(".")[0])


@lru_cache(maxsize=256)
def _installed(package: str) -> bool:
    try:
        spec = importlib.util.find_spec(package)
    except (ImportError, ValueError):
        return False
    return spec is not None and _here([*(spec.submodule_search_locations or ()), spec.origin])


def holds(module: ModuleType | None) -> bool:
    """Whether this very module was loaded from there, under its own name."""
    spec = getattr(module, "__spec__", None)
    return spec is not None and _here([spec.origin])


def _here(places: Iterable[str | None]) -> bool:
    return any(
        place and place.startswith(folder + os.sep) for place in places for folder in folders()
    )
