"""A value of the notebook made into files that load anywhere: what `aml.register` registers.

The pickle is complete in itself: functions and classes of the notebook, and of the person's own
modules, travel by value with the globals they use. What they import is named as requirements,
pinned to what is installed here. A value that cannot be pickled is refused before a file is
written.
"""

from __future__ import annotations

import dis
import io
import platform
import sys
import types
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from typing import Any

import cloudpickle

from jupyter_aml.client.packages import canonical
from jupyter_aml.kernel import modules
from jupyter_aml.kernel.pickling import Pickler
from jupyter_aml.kernel.travel import explain
from jupyter_aml.model.errors import CannotTravel

PICKLE = "model.pkl"
REQUIREMENTS = "requirements.txt"

_FRAMEWORKS = (
    "sklearn xgboost lightgbm catboost torch tensorflow keras transformers statsmodels "
    "sentence_transformers spacy prophet fastai onnx paddle pmdarima"
).split()
"""Packages that are recorded as a flavour of their own, by the name of their module."""

_METHODS = ("predict", "predict_proba", "transform", "score", "forward", "__call__")


@dataclass(frozen=True)
class Packed:
    """A value as files and as the fields of a `CreateModel`."""

    pickle: bytes
    requirements: list[str]
    flavors: dict[str, Any]
    properties: dict[str, str] = field(default_factory=dict[str, str])

    def write(self, folder: Path) -> None:
        """Nothing of it depends on the time: the same value is the same content."""
        (folder / PICKLE).write_bytes(self.pickle)
        (folder / REQUIREMENTS).write_text("".join(f"{line}\n" for line in self.requirements))


def pack(name: str, value: object, *, folder: str) -> Packed:
    """`value`, which the notebook calls `name`; modules below `folder` are the person's own.

    Raise `CannotTravel` saying which part of it cannot be pickled.
    """
    try:
        pickler, data, own = _pickled(value, folder)
    except Exception as error:  # whatever a foreign __reduce__ raises
        raise _refused(name, value, error) from None
    needed = pickler.modules | pickler.imported
    return Packed(
        pickle=data,
        requirements=requirements(needed, folder),
        flavors=_flavors(value, needed),
        properties={
            "python_version": platform.python_version(),
            "platform": f"{sys.platform} {platform.machine()}",
            **({"own_modules": ", ".join(own)} if own else {}),
        },
    )


class _Whole(Pickler):
    """Notes what functions by value import when they run, besides what the pickle names."""

    def __init__(self, file: io.BytesIO) -> None:
        super().__init__(file, {}, None)
        self.imported: set[str] = set()

    def reducer_override(self, obj: Any) -> Any:
        if isinstance(obj, types.FunctionType):
            self.imported.update(_imports(obj.__code__))
        return super().reducer_override(obj)


def _pickled(value: object, folder: str) -> tuple[_Whole, bytes, list[str]]:
    """Twice where modules of the person's own are in it: they then go by value."""
    pickler, data = _dump(value)
    own = [module.name for module in modules.local_modules(sorted(pickler.modules), folder)]
    if not own:
        return pickler, data, []
    with _by_value(own):
        pickler, data = _dump(value)
    return pickler, data, own


def _dump(value: object) -> tuple[_Whole, bytes]:
    file = io.BytesIO()
    pickler = _Whole(file)
    pickler.dump(value)
    return pickler, file.getvalue()


@contextmanager
def _by_value(tops: Iterable[str]) -> Iterator[None]:
    """Modules at or below `tops` are pickled whole meanwhile."""
    known = cloudpickle.list_registry_pickle_by_value()
    found = [sys.modules[top] for top in tops if top in sys.modules and top not in known]
    for module in found:
        cloudpickle.register_pickle_by_value(module)
    try:
        yield
    finally:
        for module in found:
            cloudpickle.unregister_pickle_by_value(module)


def _imports(code: types.CodeType) -> set[str]:
    """Modules that the code, and what is defined in it, imports when it runs."""
    found = {str(i.argval) for i in dis.get_instructions(code) if i.opname == "IMPORT_NAME"}
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            found |= _imports(constant)
    return found


def requirements(needed: Iterable[str], folder: str) -> list[str]:
    """What has to be installed to have the modules `needed`, pinned to what is here."""
    owners = metadata.packages_distributions()
    tops = {module.partition(".")[0] for module in needed}
    tops -= {module.name for module in modules.local_modules(sorted(tops), folder)}
    names = {owners[top][0] for top in tops if top in owners and top != "jupyter_aml"}
    lines = {f"{canonical(name)}=={metadata.version(name)}" for name in names}
    lines.add(f"cloudpickle=={metadata.version('cloudpickle')}")
    return sorted(lines)


def _flavors(value: object, needed: Iterable[str]) -> dict[str, Any]:
    kind = value if isinstance(value, type) else type(value)
    methods = [one for one in _METHODS if callable(getattr(value, one, None))]
    found: dict[str, Any] = {
        "python_object": {
            "file": PICKLE,
            "class": f"{kind.__module__}.{kind.__qualname__}",
            "methods": methods,
            "callable": callable(value),
            "serializer": "cloudpickle",
        }
    }
    tops = {module.partition(".")[0] for module in needed}
    for name in _FRAMEWORKS:
        if name in tops and name in sys.modules:
            version = str(getattr(sys.modules[name], "__version__", ""))
            found[name] = {"version": version} if version else {}
    return found


def _refused(name: str, value: object, error: Exception) -> CannotTravel:
    obstacle = explain(name, value, _problem)
    return CannotTravel(
        f"{name} cannot be registered: {obstacle.where} is {obstacle.what}.",
        target=obstacle.where,
        hint=f"{obstacle.fix.replace('inside the cell', 'when it is loaded')} Nothing was written.",
        details=[obstacle.raw or f"{type(error).__name__}: {error}"],
    )


def _problem(part: object) -> str | None:
    try:
        _dump(part)
    except Exception as error:  # whatever a foreign __reduce__ raises
        return f"{type(error).__name__}: {error}"
    return None
