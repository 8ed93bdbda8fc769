"""Batch endpoints: a call scores many files, and is a job with progress.

Words and defaults are Azure ML's (2025-12-01 API; ``az ml`` batch deployment YAML).
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from jupyter_aml.model.endpoint import EndpointName


class CreateBatchEndpoint(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    name: EndpointName
    description: str = ""
    tags: dict[str, str] = {}


class UpdateBatchEndpoint(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """None leaves a field as it is."""

    default_deployment: str | None = None
    description: str | None = None
    tags: dict[str, str] | None = None


class BatchEndpoint(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    name: str
    state: str
    default_deployment: str = ""
    deployments: list[str] = []
    description: str = ""
    tags: dict[str, str] = {}
    created_at: str = ""


class BatchEndpointList(msgspec.Struct, rename="camel", frozen=True):
    value: list[BatchEndpoint]


class BatchSettings(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """``error_threshold`` counts failed files of the whole input; -1 ignores them all."""

    mini_batch_size: Annotated[int, Meta(ge=1)] = 10
    """Files given to one call of ``run``."""
    max_concurrency_per_instance: Annotated[int, Meta(ge=1, le=64)] = 1
    error_threshold: Annotated[int, Meta(ge=-1)] = -1
    max_retries: Annotated[int, Meta(ge=0, le=100)] = 3
    timeout: Annotated[float, Meta(gt=0)] = 30.0
    """Of one call of ``run``."""
    output_action: Literal["append_row", "summary_only"] = "append_row"
    output_file_name: str = "predictions.csv"
    logging_level: Literal["debug", "info", "warning", "error"] = "info"


class CreateBatchDeployment(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """Body of `batch_deployments.create`: the same name again, changed, is an update."""

    name: EndpointName
    endpoint_name: EndpointName
    model: str
    code: str = ""
    scoring_script: str = ""
    """Needed unless the model is an MLflow model."""
    environment: str = ""
    """Empty is ``kernel``; for an MLflow model without a script the packages that it names."""
    python: str = ""
    """The interpreter of the ``kernel`` environment; empty is the service's own."""
    environment_variables: dict[str, str] = {}
    compute: str = "local"
    instance_count: Annotated[int, Meta(ge=1, le=100)] = 1
    settings: BatchSettings = BatchSettings()
    description: str = ""
    tags: dict[str, str] = {}


class BatchDeployment(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    name: str
    endpoint_name: str
    spec: CreateBatchDeployment
    model: str
    """``azureml:name:version``, resolved."""
    environment: str = ""
    """``name:version``, or "kernel": what ``spec`` names, or what was taken where it is empty."""
    python: str = ""
    """The interpreter of ``kernel``."""
    state: str
    created_at: str = ""
    warnings: list[str] = []


class BatchDeploymentList(msgspec.Struct, rename="camel", frozen=True):
    value: list[BatchDeployment]


class InvokeBatch(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """Body of `batch_endpoints.invoke`, which answers with the job."""

    input: str
    """A file or folder of this machine, or a reference to data."""
    deployment: str = ""
    """Empty is the default one."""
    output: str = ""
    """Where predictions go; empty is the job's own output ``score``."""
    job_name: str = ""
    mini_batch_size: int | None = None
