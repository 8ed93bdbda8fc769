"""What each process must not load: the light ones stay light.

The import contracts of pyproject.toml say the same of our own modules; here the interpreter says
it of everything that is really imported, libraries of libraries included.
"""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys

import pytest

CLOUD_AND_DATA = ("azure", "mlflow", "numpy", "optuna", "pandas", "pyspark", "ray", "sklearn")
SERVER_SIDE = ("jupyter_server", "tornado", "uvicorn", "uvloop")
NOTEBOOK_SIDE = ("IPython", "anywidget", "ipywidgets")


@pytest.mark.parametrize(
    ("module", "never"),
    [
        ("jupyter_aml", (*CLOUD_AND_DATA, *SERVER_SIDE, *NOTEBOOK_SIDE, "cloudpickle", "yaml")),
        ("jupyter_aml.model.api", (*CLOUD_AND_DATA, *SERVER_SIDE, *NOTEBOOK_SIDE, "asyncio")),
        ("jupyter_aml.client", (*CLOUD_AND_DATA, *SERVER_SIDE, *NOTEBOOK_SIDE, "asyncio")),
        ("jupyter_aml.cli.main", (*CLOUD_AND_DATA, *SERVER_SIDE, *NOTEBOOK_SIDE)),
        ("jupyter_aml.kernel.extension", (*CLOUD_AND_DATA, *SERVER_SIDE, "ipywidgets")),
        ("jupyter_aml.server.extension", (*CLOUD_AND_DATA, *NOTEBOOK_SIDE)),
        ("jupyter_aml.service.__main__", (*CLOUD_AND_DATA, "ipywidgets", "jupyter_server")),
        ("jupyter_aml.runner", (*CLOUD_AND_DATA, *SERVER_SIDE, "ipywidgets", "msgspec")),
    ],
)
def test_a_light_process_stays_light(module: str, never: tuple[str, ...]) -> None:
    if not _exists(module):
        pytest.skip(f"{module} does not exist yet")
    loaded = _loaded_by(f"import {module}")
    assert loaded.isdisjoint(never), f"import {module} loads {sorted(loaded.intersection(never))}"


def test_load_ext_loads_no_server_and_no_cloud() -> None:
    if not _exists("jupyter_aml.kernel.extension"):
        pytest.skip("there is no kernel side yet")
    loaded = _loaded_by(
        "from IPython.core.interactiveshell import InteractiveShell\n"
        "import jupyter_aml\n"
        "jupyter_aml.load_ipython_extension(InteractiveShell.instance(history_load_length=0))"
    )
    assert loaded.isdisjoint((*CLOUD_AND_DATA, *SERVER_SIDE, "ipywidgets"))


AFTER_START = """
import sys
import jupyter_aml.service.__main__, jupyter_aml.service.backends.local.backend
print(*[n for n in sys.modules if n.startswith(("jupyter_aml.service.arm", "cryptography"))])
"""


def test_the_service_loads_nothing_of_the_azure_compatible_api_until_somebody_asks() -> None:
    done = subprocess.run(
        [sys.executable, "-c", AFTER_START], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == []


def _exists(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:
        return False


def _loaded_by(code: str) -> set[str]:
    """The top-level modules in ``sys.modules`` after `code` in a fresh interpreter."""
    report = "import json, sys; print(json.dumps([*{n.partition('.')[0] for n in sys.modules}]))"
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\n{report}"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stdout.splitlines()[-1]))
