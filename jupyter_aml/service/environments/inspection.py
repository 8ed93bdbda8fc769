"""Run by an environment's own interpreter: print what is installed there, as one JSON line.

Standard library only, and no import of ours: the environment does not have us.
"""

import json
import pkgutil
import sys
import sysconfig
from importlib import metadata


def packages() -> dict[str, str]:
    """Name to version of everything that is installed."""
    found: dict[str, str] = {}
    for one in metadata.distributions():
        name = one.metadata["Name"]
        if name:
            found[name] = one.version
    return dict(sorted(found.items(), key=lambda item: item[0].lower()))


def modules() -> list[str]:
    """Names that ``import`` finds outside of the standard library."""
    places = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
    # Folders that .pth files added lie on sys.path like site-packages itself.
    standard = {sysconfig.get_path("stdlib"), sysconfig.get_path("platstdlib")}
    places |= {
        p for p in sys.path if p and p not in standard and not p.endswith((".zip", "lib-dynload"))
    }
    names = {module.name for module in pkgutil.iter_modules(sorted(places))}
    names |= _namespaces()
    return sorted(name for name in names if not name.startswith("__"))


def _namespaces() -> set[str]:
    """Packages without an ``__init__``, which no finder lists: by the files that were installed."""
    found: set[str] = set()
    for one in metadata.distributions():
        for file in one.files or ():
            if len(file.parts) > 1 and file.suffix == ".py" and file.parts[0].isidentifier():
                found.add(file.parts[0])
    return found


if __name__ == "__main__":
    print(json.dumps({"packages": packages(), "modules": modules()}))
