"""Load this folder by path as the package ``jupyter_aml_serving``, and run one of its parts.

For an interpreter that has not got us: ``<python> <folder>/boot.py PART CONFIG``. This folder,
whose module names are ordinary words, stays off its ``sys.path``.
"""

import importlib
import importlib.util
import os
import sys

FOLDER = os.path.dirname(os.path.abspath(__file__))
PACKAGE = "jupyter_aml_serving"


def load_package() -> None:
    """Afterwards ``import jupyter_aml_serving.<module>`` works."""
    if sys.path and os.path.abspath(sys.path[0] or os.curdir) == FOLDER:
        del sys.path[0]
    spec = importlib.util.spec_from_file_location(
        PACKAGE, os.path.join(FOLDER, "__init__.py"), submodule_search_locations=[FOLDER]
    )
    assert spec is not None
    assert spec.loader is not None
    package = importlib.util.module_from_spec(spec)
    sys.modules[PACKAGE] = package
    spec.loader.exec_module(package)


if __name__ == "__main__":
    load_package()
    parts = importlib.import_module(f"{PACKAGE}.__main__")
    sys.exit(parts.main(sys.argv[1:]))
