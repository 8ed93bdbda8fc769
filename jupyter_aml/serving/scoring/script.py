"""The user's scoring script: load it, call `init`, find out how `run` wants to be called."""

from __future__ import annotations

import importlib.util
import inspect
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from . import failure, inputs, raw, shims
from .config import ScoreConfig
from .failure import Failure, NotReady
from .request import Request

MODULE = "entry_module"


@dataclass(frozen=True)
class Script:
    """A script that is ready. `call` gets what `read` made of the request."""

    run: Callable[..., Any]
    read: inputs.Reader
    call: Callable[[dict[str, Any], Request], Any]
    run_batch: Callable[[list[Any]], Any] | None
    parameter: str
    is_raw: bool
    has_schema: bool
    wants_headers: bool

    @property
    def is_plain(self) -> bool:
        """`run(data)` with nothing but the body: the short way through the server."""
        return not (self.is_raw or self.has_schema or self.wants_headers)

    @property
    def interface(self) -> dict[str, Any]:
        """As state.json and the hello frame tell it."""
        return {
            "rawhttp": self.is_raw,
            "schema": self.has_schema,
            "batch": self.run_batch is not None,
        }


def load(config: ScoreConfig) -> Script:
    """Import the script and call its `init`. Raise `NotReady` with the line that failed."""
    module = _imported(config)
    script = _analyzed(config, module)
    try:
        module.init()
    except BaseException as error:  # whatever init raises, SystemExit too, is why it is not ready
        code = "UserScriptInitFailed" if config.kind == "score" else "ModelNotLoaded"
        raise NotReady(
            failure.of(error, stage="init", code=code, code_dir=config.code_dir)
        ) from error
    return script


def _imported(config: ScoreConfig) -> ModuleType:
    path = config.script_path
    if not os.path.isfile(path):
        found = ", ".join(sorted(os.listdir(config.code_dir))[:20]) or "nothing"
        raise NotReady(
            Failure(
                "import",
                "UserScriptImportError",
                f"The code folder has no {config.script!r}; it has {found}.",
                file=path,
            )
        )
    for folder in (os.path.dirname(path), config.code_dir):
        if folder not in sys.path:
            sys.path.append(folder)
    spec = importlib.util.spec_from_file_location(MODULE, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[MODULE] = module
    try:
        spec.loader.exec_module(module)
    except BaseException as error:  # SystemExit at import is a failure of the script like another
        told = failure.of(
            error, stage="import", code="UserScriptImportError", code_dir=config.code_dir
        )
        raise NotReady(told) from error
    return module


def _analyzed(config: ScoreConfig, module: ModuleType) -> Script:
    for name in ("init", "run"):
        if not callable(getattr(module, name, None)):
            raise _wrong(config, f"{config.script} does not define the function {name}().")
    # Azure's SDK wraps some scripts in a driver whose run() only forwards.
    driver = getattr(module, "driver_module", None)
    run = driver.run if isinstance(driver, ModuleType) and hasattr(driver, "run") else module.run
    names = list(inspect.signature(run).parameters.values())
    allowed = (inspect.Parameter.KEYWORD_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    if any(parameter.kind not in allowed for parameter in names):
        raise _wrong(config, "run() cannot take positional-only arguments, *args or **kwargs.")
    wants_headers = any(parameter.name == "request_headers" for parameter in names)
    names = [parameter for parameter in names if parameter.name != "request_headers"]
    if not names:
        raise _wrong(config, "run() needs a parameter for the input data.")
    is_raw, has_schema = shims.is_raw_asked(), is_schema_decorated(run)
    if is_raw and has_schema:
        raise _wrong(config, "run() cannot be decorated with both @rawhttp and @input_schema.")
    batch = getattr(module, "run_batch", None)
    return Script(
        run=run,
        read=_reader(names, is_raw=is_raw, has_schema=has_schema),
        call=_with_headers(run) if wants_headers else _without_headers(run),
        run_batch=batch if callable(batch) and not (is_raw or has_schema) else None,
        parameter=names[0].name,
        is_raw=is_raw,
        has_schema=has_schema,
        wants_headers=wants_headers,
    )


def _reader(names: list[inspect.Parameter], *, is_raw: bool, has_schema: bool) -> inputs.Reader:
    if is_raw:
        return inputs.raw(names[0].name, _raw_request)
    return inputs.parameters(names) if has_schema else inputs.text(names[0].name)


def _raw_request(request: Request) -> Any:
    """Flask's own request where the script got `rawhttp` from a package that brings Flask."""
    flask = sys.modules.get("flask")
    return flask.Request(request.environ()) if flask is not None else raw.AMLRequest(request)


def _with_headers(run: Callable[..., Any]) -> Callable[[dict[str, Any], Request], Any]:
    return lambda given, request: run(**given, request_headers=dict(request.headers))


def _without_headers(run: Callable[..., Any]) -> Callable[[dict[str, Any], Request], Any]:
    return lambda given, _request: run(**given)


def is_schema_decorated(run: Callable[..., Any]) -> bool:
    """Asked of inference_schema itself, which is loaded if the script used it."""
    if "inference_schema" not in sys.modules:
        return False
    from inference_schema.schema_util import is_schema_decorated as ask

    return bool(ask(run))


def _wrong(config: ScoreConfig, message: str) -> NotReady:
    return NotReady(
        Failure("import", "UserScriptFunctionNotFound", message, file=config.script_path)
    )
