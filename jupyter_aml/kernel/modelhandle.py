"""`ModelHandle`: one version of a model in the person's hand, from any notebook, at any time."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

from jupyter_aml.client.client import Client
from jupyter_aml.client.machine import LocalMachine
from jupyter_aml.grammar import Result
from jupyter_aml.kernel.named import Named
from jupyter_aml.model.errors import Invalid
from jupyter_aml.model.package import ModelPackage
from jupyter_aml.model.registry import Model, Stage, UpdateModel


class ModelHandle(Named):
    """``aml.ModelHandle("digits")`` is the newest version, ``"digits:2"`` that one."""

    def __init__(self, name: str, version: str = "", *, client: Client | None = None) -> None:
        name, _, said = name.removeprefix("azureml:").partition(":")
        self.name = name.removesuffix("@latest")
        self.version = version or said
        super().__init__(client)

    @classmethod
    def of(cls, model: Model, client: Client) -> ModelHandle:
        """The handle of a version that is known already."""
        return cls(model.name, model.version, client=client)

    @property
    def model(self) -> Model:
        """The model as it is now: where it lies, what it needs, where it came from."""
        return self.client.models.get(self.name, self.version)

    @property
    def reference(self) -> str:
        """How deployments name it: ``azureml:name:version``."""
        return self.model.reference

    @property
    def stage(self) -> str:
        return self.model.stage

    def update(
        self,
        *,
        stage: Stage | None = None,
        description: str | None = None,
        tags: dict[str, str] | None = None,
    ) -> ModelHandle:
        """Change what is given; `tags` replace those that are there."""
        body = UpdateModel(stage=stage, description=description, tags=tags)
        return self.of(self.client.models.update(self.name, body, self.version), self.client)

    def archive(self) -> ModelHandle:
        self.client.models.archive(self.name, self.version)
        return self

    def restore(self) -> ModelHandle:
        self.client.models.restore(self.name, self.version)
        return self

    def download(self, folder: str = "") -> list[str]:
        """Copy its files to `folder`, by default one of its own name here. Returns where."""
        contents = self.client.models.contents(self.name, self.version)
        return LocalMachine().save(folder or self.name, contents)

    def package(
        self, folder: str = "", *, code: str = "", sample: str = "", prove: bool = True
    ) -> ModelPackage:
        """Write it as a folder that runs elsewhere, and prove it. See ``%aml model package``."""
        model = self.model
        return LocalMachine().package_model(
            model,
            folder or f"{model.name}-package",
            code=code,
            script="score.py",
            sample=sample,
            prove=prove,
            say=print,
        )

    def load(self) -> Any:
        """The object itself, in this process. It is unpickled: load what you trust.

        Raise `Invalid` for files of which only their author knows how they are read.
        """
        model = self.model
        if model.type == "mlflow_model":
            return _load_mlflow(model)
        described = model.flavors.get("python_object")
        if not described:
            raise Invalid(
                f"{model.name}:{model.version} is a {model.type}: only its author knows how it is "
                "loaded.",
                target=model.local_path,
                hint="Its files are there, read-only.",
            )
        with (Path(model.local_path) / described["file"]).open("rb") as file:
            return pickle.load(file)  # noqa: S301 - the person asks for exactly that

    # -- looks ------------------------------------------------------------------------------

    def _words(self) -> tuple[str, str]:
        return self.name, self.version

    def _result(self) -> Result:
        from jupyter_aml.grammar.views import model as view

        return view.shown(self.model)


def _load_mlflow(model: Model) -> Any:
    try:
        from mlflow import pyfunc  # pyright: ignore[reportMissingImports] - the extra [mlflow]
    except ImportError:
        raise Invalid(
            f"{model.name}:{model.version} is an MLflow model, and this kernel has no mlflow.",
            target="mlflow",
            hint="%pip install mlflow",
        ) from None
    return pyfunc.load_model(model.local_path)
