"""Managed compute from a notebook: pick a size, start a cluster, run this cell there.

Everything is imported on first use, so that ``import jupyter_aml`` costs a few milliseconds in a
kernel and loads neither tornado nor any cloud SDK.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jupyter_aml._version import __version__

if TYPE_CHECKING:
    from jupyter_aml.client import Client, connect
    from jupyter_aml.client.jobfile import notebook_job
    from jupyter_aml.client.sdk import ml_client
    from jupyter_aml.kernel import widgets
    from jupyter_aml.kernel.deploying import EndpointHandle, deploy
    from jupyter_aml.kernel.handle import JobHandle
    from jupyter_aml.kernel.modelhandle import ModelHandle
    from jupyter_aml.kernel.register import register
    from jupyter_aml.kernel.remote import remote
    from jupyter_aml.model.errors import AmlError, RemoteError
    from jupyter_aml.runner.report import log, progress

__all__ = [
    "AmlError",
    "Client",
    "EndpointHandle",
    "JobHandle",
    "ModelHandle",
    "RemoteError",
    "__version__",
    "connect",
    "deploy",
    "log",
    "ml_client",
    "notebook_job",
    "progress",
    "register",
    "remote",
    "widgets",
]

_HOME = {
    "AmlError": "jupyter_aml.model.errors",
    "RemoteError": "jupyter_aml.model.errors",
    "Client": "jupyter_aml.client",
    "connect": "jupyter_aml.client",
    "EndpointHandle": "jupyter_aml.kernel.deploying",
    "JobHandle": "jupyter_aml.kernel.handle",
    "deploy": "jupyter_aml.kernel.deploying",
    "ModelHandle": "jupyter_aml.kernel.modelhandle",
    "register": "jupyter_aml.kernel.register",
    "remote": "jupyter_aml.kernel.remote",
    "log": "jupyter_aml.runner.report",
    "ml_client": "jupyter_aml.client.sdk",
    "notebook_job": "jupyter_aml.client.jobfile",
    "progress": "jupyter_aml.runner.report",
    # Itself a module, which loads ipywidgets.
    "widgets": "jupyter_aml.kernel.widgets",
}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'jupyter_aml' has no attribute {name!r}")
    from importlib import import_module

    module = import_module(_HOME[name])
    value = module if name == "widgets" else getattr(module, name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)


def load_ipython_extension(ipython: Any) -> None:
    """``%load_ext jupyter_aml``: register ``%aml`` and ``%%aml``."""
    from jupyter_aml.kernel.extension import load

    load(ipython)


def unload_ipython_extension(ipython: Any) -> None:
    from jupyter_aml.kernel.extension import unload

    unload(ipython)


def _jupyter_labextension_paths() -> list[dict[str, str]]:
    return [{"src": "labextension", "dest": "jupyter-aml"}]


def _jupyter_server_extension_points() -> list[dict[str, Any]]:
    from jupyter_aml.server.kernels.comeback import KernelsApp

    return [
        {"module": "jupyter_aml"},
        {"module": "jupyter_aml.server.kernels.comeback", "app": KernelsApp},
    ]


def _load_jupyter_server_extension(server_app: Any) -> None:
    """Called by Jupyter Server at its start. Imports the handlers only here."""
    from jupyter_aml.server.extension import load

    load(server_app)
