"""`azureml.contrib.services` and its newer name, for environments that do not have them.

Scripts that use raw HTTP import `rawhttp`, `AMLRequest` and `AMLResponse` from there. A finder at
the very end of `sys.meta_path` makes those modules when no real ones are found, so an installed
package always wins.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import importlib.util
import sys
from collections.abc import Sequence
from types import ModuleType
from typing import Any

from . import raw

_REQUEST = ("azureml.contrib.services.aml_request", "azureml_inference_server_http.api.aml_request")
_RESPONSE = (
    "azureml.contrib.services.aml_response",
    "azureml_inference_server_http.api.aml_response",
)


def install() -> None:
    """Once, before the script is loaded."""
    sys.meta_path.append(_Finder())


def is_raw_asked() -> bool:
    """Did the script apply `rawhttp`, ours or a real one?"""
    modules = (sys.modules.get(name) for name in _REQUEST)
    return any(getattr(module, "_rawHttpRequested", False) for module in modules)


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None,  # noqa: ARG002  # the interface has it
        target: ModuleType | None = None,  # noqa: ARG002
    ) -> importlib.machinery.ModuleSpec | None:
        names = (*_REQUEST, *_RESPONSE)
        if fullname in names:
            return importlib.util.spec_from_loader(fullname, self)
        if any(name.startswith(fullname + ".") for name in names):
            return importlib.util.spec_from_loader(fullname, self, is_package=True)
        return None

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> None:
        """The usual kind of module will do."""

    def exec_module(self, module: ModuleType) -> None:
        if module.__name__ in _REQUEST:
            _fill(module, AMLRequest=raw.AMLRequest, rawhttp=_mark(module), _rawHttpRequested=False)
        elif module.__name__ in _RESPONSE:
            _fill(module, AMLResponse=raw.AMLResponse)


def _fill(module: ModuleType, **names: Any) -> None:
    vars(module).update(names)


def _mark(module: ModuleType) -> Any:
    def rawhttp(function: Any) -> Any:
        """Have `run` called with the request itself, and answer what it returns."""
        vars(module)["_rawHttpRequested"] = True
        return function

    return rawhttp
