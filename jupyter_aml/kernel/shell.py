"""The IPython shell around us, if there is one: notebooks have it, scripts do not."""

from __future__ import annotations

import sys
from typing import Any

NOTEBOOK = "_jupyter_aml_notebook"
"""The attribute of a shell that holds its `notebook.Notebook`."""


def current_shell() -> Any:
    """The running shell, or None. Never makes one."""
    ipython = sys.modules.get("IPython")
    return ipython.get_ipython() if ipython is not None else None


def namespace() -> dict[str, Any]:
    """The person's variables: those of the notebook, else of the script."""
    shell = current_shell()
    return sys.modules["__main__"].__dict__ if shell is None else shell.user_ns
