"""The model registry: named versions of models, and where each came from.

Source of the words: the 2025-12-01 API and MLflow's model stages.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from jupyter_aml.model.names import AssetName

ModelType = Literal["custom_model", "mlflow_model", "triton_model"]
Stage = Literal["None", "Development", "Staging", "Production", "Archived"]


class Lineage(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """Where a model came from; what is not known is empty."""

    job: str = ""
    code: str = ""
    """``snapshot:<id>`` of the job's code."""
    notebook: str = ""
    cell_id: str = ""
    environment: str = ""
    data: list[str] = []
    """References of the data assets that the job read."""
    mlflow_run: str = ""


class CreateModel(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """Body of `models.create`: the same content under the same name is the same version.

    ``path`` is a file or folder of this machine, ``azureml://jobs/JOB/outputs/NAME/paths/PATH``,
    ``azureml://datastores/…``, ``azureml:name:version``, or ``runs:/RUN/PATH`` of an MLflow run.
    """

    name: AssetName
    path: str
    type: ModelType | Literal[""] = ""
    """Empty recognises what MLflow wrote; everything else is a custom_model."""
    version: str = ""
    """Empty takes the next number when the content is new."""
    stage: Stage = "None"
    description: str = ""
    tags: dict[str, str] = {}
    properties: dict[str, str] = {}
    flavors: dict[str, Any] = {}
    """What can load it: ``{"sklearn": {"version": "1.5"}}``, ``{"python_object": {…}}``."""
    requirements: list[str] = []
    """What has to be installed to load it, as lines of a requirements file, pinned."""
    python: str = ""
    """The interpreter it was saved with; a deployment in the ``kernel`` environment uses it."""
    sample: str = ""
    """A request it understands, as JSON: what ``invoke`` offers and a package is proven with."""
    lineage: Lineage = Lineage()


class UpdateModel(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """Body of `models.update`; None leaves a field as it is."""

    description: str | None = None
    tags: dict[str, str] | None = None
    stage: Stage | None = None


class Model(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """One version of a model. What lies in it is read-only for everybody."""

    name: str
    version: str
    type: ModelType
    path: str
    """An ``azureml://datastores/…`` reference."""
    local_path: str
    """The file or folder itself, under the name that it was registered with. Its parent folder
    holds nothing else: that one is what AZUREML_MODEL_DIR names."""
    content: str
    bytes: int
    files: int
    stage: Stage = "None"
    description: str = ""
    tags: dict[str, str] = {}
    properties: dict[str, str] = {}
    flavors: dict[str, Any] = {}
    requirements: list[str] = []
    python: str = ""
    sample: str = ""
    lineage: Lineage = Lineage()
    deployments: list[str] = []
    """``endpoint/deployment`` of everything that serves it; told by `models.get` alone."""
    created_at: str = ""
    archived: bool = False

    @property
    def reference(self) -> str:
        """How deployments name it: ``azureml:name:version``."""
        return f"azureml:{self.name}:{self.version}"


class ModelList(msgspec.Struct, rename="camel", frozen=True):
    """The newest version of each, newest first; every version where one name was asked for."""

    value: list[Model]


class Metric(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """One metric of a job: parallel lists, oldest first. ``times`` are seconds since 1970."""

    name: str
    steps: list[int]
    times: list[float]
    values: list[float | None]
    """None is what was not a number."""


class JobMetrics(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """What a job logged: by `aml.log`, and through MLflow."""

    metrics: list[Metric] = []
    parameters: dict[str, str] = {}
    tags: dict[str, str] = {}
    mlflow_run: str = ""
