"""Load this folder by path as the package ``jupyter_aml_runner``, and run one of its parts.

For an interpreter that has not got us: ``<python> <folder>/boot.py PART ARGUMENT...``. Our own
site-packages stay off its ``sys.path``; so does this folder, whose module names are ordinary words.
"""

import importlib
import importlib.util
import os
import sys

FOLDER = os.path.dirname(os.path.abspath(__file__))
PACKAGE = "jupyter_aml_runner"


def load_package() -> None:
    """Afterwards ``import jupyter_aml_runner.<module>`` works.

    ``import jupyter_aml`` does too: programs call ``aml.log`` and ``aml.progress``.
    """
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
    if importlib.util.find_spec("jupyter_aml") is None:
        sys.modules["jupyter_aml"] = importlib.import_module(f"{PACKAGE}.report")


if __name__ == "__main__":
    load_package()
    parts = importlib.import_module(f"{PACKAGE}.__main__")
    sys.exit(parts.main(sys.argv[1:]))
