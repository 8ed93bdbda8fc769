"""What has to be there before an instance starts: the model, the script, the interpreter."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from jupyter_aml.model.endpoint import CreateOnlineDeployment
from jupyter_aml.model.environment import KERNEL
from jupyter_aml.model.errors import AmlError, ErrorBody, Internal, Invalid, NotFound
from jupyter_aml.model.nearest import nearest
from jupyter_aml.model.registry import Model
from jupyter_aml.service.backends.local.endpoints.state import (
    LiveDeployment,
    LiveEndpoint,
    Prepared,
)
from jupyter_aml.service.backends.local.jobs.snapshots import PREFIX
from jupyter_aml.service.endpoints import rules
from jupyter_aml.service.environments.place import Place

if TYPE_CHECKING:
    from jupyter_aml.service.backends.local.endpoints.engine import Endpoints

PYTHON_OBJECT = "python_object"
"""The flavor of a model that was registered from a variable."""

_AZURES_SERVER = "azureml-inference-server-http"


@dataclass(frozen=True)
class Resolved:
    """A spec with what it names resolved, what loads it, and where it runs."""

    spec: CreateOnlineDeployment
    kind: str
    place: Place


class Preparing:
    """Of one engine."""

    def __init__(self, engine: Endpoints) -> None:
        self._engine = engine

    # -- at the door ----------------------------------------------------------------------------

    async def resolve(self, body: CreateOnlineDeployment) -> Resolved:
        """Raises what `accept` does. An environment that was left open stays so in the spec:
        another model under the same name is to get its own."""
        rules.check_spec(body)
        size = self._engine.world.sizes.get(body.instance_type or self._engine.default_size)
        model = await self.model(body.model)
        kind = kind_of(body, model)
        place = await self._place(body, model, kind)
        spec = msgspec.structs.replace(
            body,
            model=model.reference if model else "",
            environment=place.environment if body.environment else "",
            instance_type=size.name,
        )
        return Resolved(spec, kind, place)

    async def _place(self, body: CreateOnlineDeployment, model: Model | None, kind: str) -> Place:
        interpreters = self._engine.world.interpreters
        if kind == "mlflow" and model is not None and not body.environment:
            needed = [_AZURES_SERVER] if body.engine == "azmlinfsrv" else []
            known = [path for path in (body.python, model.python, sys.executable) if path]
            return await interpreters.of_model(model, known, needed)
        environment, warnings = interpreters.check(body.environment)
        python = _python(body, model) if environment == KERNEL else ""
        return Place(environment, python, warnings)

    async def accept(
        self, live: LiveEndpoint, body: CreateOnlineDeployment, generation: int
    ) -> Resolved:
        """With its code laid out. Raises for all that can be known to fail. Nothing runs yet."""
        resolved = await self.resolve(body)
        target = live.layout.code(body.name, generation)
        await asyncio.to_thread(self.lay_out, resolved.spec, resolved.kind, target)
        return resolved

    async def model(self, text: str) -> Model | None:
        """None for a deployment whose script needs none."""
        if not text:
            return None
        name, _, version = text.removeprefix("azureml:").partition("@")
        if not version:
            name, _, version = name.partition(":")
        return await self._engine.world.find_model(name, "" if version == "latest" else version)

    def lay_out(self, body: CreateOnlineDeployment, kind: str, target: Path) -> None:
        """The deployment's own copy of its code: what is edited later changes nothing here."""
        shutil.rmtree(target, ignore_errors=True)
        target.mkdir(parents=True, mode=0o700)
        if kind != "score":
            return
        snapshots = self._engine.world.snapshots
        if body.code.startswith(PREFIX):
            snapshots.lay_out(body.code.removeprefix(PREFIX), target)
        else:
            limit = rules.MOST_CODE_BYTES >> 20
            taken = snapshots.take(Path(body.code).expanduser(), limit)
            snapshots.lay_out(taken.id, target)
        _check_script(body, target)

    # -- before the first instance --------------------------------------------------------------

    async def prepare(self, live: LiveEndpoint, one: LiveDeployment) -> None:
        """Sets ``prepared``, or fails the deployment with the reason."""
        record, generation = one.record, one.record.generation
        try:
            code = live.layout.code(one.name, generation)
            tell = self._teller(one)
            prepared = await self.prepared(record.spec, record.place, generation, code, tell)
        except AmlError as error:
            self._failed(live, one, generation, error.body())
            return
        except OSError as error:
            said = Internal(f"The deployment cannot be made ready: {error.strerror or error}.")
            self._failed(live, one, generation, said.body())
            return
        if one.record.generation != generation or one.is_deleting:
            return  # a newer spec came meanwhile, and is prepared by itself
        if isinstance(prepared, ErrorBody):
            self._failed(live, one, generation, prepared)
            return
        one.prepared = prepared
        if one.record.state in ("Creating", "Updating"):
            self._engine.change_deployment(live, one, reason="Starting")
        self._engine.wake(live, one)

    def _teller(self, one: LiveDeployment) -> Callable[[str], object]:
        return lambda words: self._engine.tell(one, words)

    def _failed(
        self, live: LiveEndpoint, one: LiveDeployment, generation: int, error: ErrorBody
    ) -> None:
        if one.record.generation == generation and not one.is_deleting:
            one.is_hopeless = True  # else every word of the router would have it built anew
            self._engine.fail(live, one, error)

    async def prepared(
        self,
        spec: CreateOnlineDeployment,
        place: Place,
        generation: int,
        code: Path,
        tell: Callable[[str], object],
    ) -> Prepared | ErrorBody:
        """Everything that an instance is started with, once its environment is there."""
        model = await self.model(spec.model)
        python = place.python
        if place.environment != KERNEL:
            of = "" if spec.environment else spec.model
            interpreters = self._engine.world.interpreters
            python, error = await interpreters.ready(place.environment, tell, of=of)
            if error is not None:
                return error
        kind = kind_of(spec, model)
        return Prepared(
            generation=generation,
            python=python,
            kind=kind,
            model_dir=model_dir(model, kind) if model else str(code),
            code_dir=str(code),
        )


def kind_of(spec: CreateOnlineDeployment, model: Model | None) -> str:
    """What of a scoring process loads it: the person's script, MLflow, or the object itself."""
    if spec.scoring_script or model is None:
        return "score"
    if PYTHON_OBJECT in model.flavors:
        return "callable"
    if model.type == "mlflow_model" or "python_function" in model.flavors:
        return "mlflow"
    raise Invalid(
        f"{model.reference} is a {model.type}, which needs a scoring script.",
        target="scoringScript",
        hint="Write a score.py with init() and run(data), and name it: "
        "--code FOLDER --script score.py",
    )


def model_dir(model: Model, kind: str) -> str:
    """The folder that becomes AZUREML_MODEL_DIR: as in Azure, the model lies in it by its name.

    For our own script of a Python object it is the model's folder itself.
    """
    path = Path(model.local_path)
    return str(path if kind == "callable" and path.is_dir() else path.parent)


def _python(body: CreateOnlineDeployment, model: Model | None) -> str:
    """The interpreter of the ``kernel`` environment. Raises `NotFound` where it is gone."""
    python = body.python or (model.python if model else "") or sys.executable
    if not os.path.exists(python):
        what = model.reference if model else "The deployment"
        raise NotFound(
            f"The interpreter {python} is not there.",
            target="python",
            hint=f"{what} was made with it. Deploy to an environment that has the packages "
            "it needs: --environment NAME:VERSION",
        )
    return python


def _check_script(body: CreateOnlineDeployment, target: Path) -> None:
    script = target / body.scoring_script
    if target not in script.resolve().parents and target.resolve() not in script.resolve().parents:
        raise Invalid(
            f"The script {body.scoring_script!r} lies outside of the code folder.",
            target="scoringScript",
        )
    if not script.is_file():
        known = sorted(str(path.relative_to(target)) for path in target.rglob("*.py"))[:20]
        raise NotFound(
            f"There is no {body.scoring_script!r} in the code folder.",
            target="scoringScript",
            hint=f"{nearest(body.scoring_script, known)}It has: {', '.join(known) or 'no .py'}.",
        )
