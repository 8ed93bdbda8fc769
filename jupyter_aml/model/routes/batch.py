"""Batch endpoints and their deployments."""

from __future__ import annotations

from jupyter_aml.model.batch import (
    BatchDeployment,
    BatchDeploymentList,
    BatchEndpoint,
    BatchEndpointList,
    CreateBatchDeployment,
    CreateBatchEndpoint,
    InvokeBatch,
    UpdateBatchEndpoint,
)
from jupyter_aml.model.job import (
    Job,
    JobPage,
)
from jupyter_aml.model.route import Route, route

ROUTES: tuple[Route, ...] = (
    route(
        "batch_endpoints.list",
        "GET /batch-endpoints",
        "Every batch endpoint.",
        returns=BatchEndpointList,
    ),
    route(
        "batch_endpoints.get",
        "GET /batch-endpoints/{name}",
        "One batch endpoint.",
        returns=BatchEndpoint,
    ),
    route(
        "batch_endpoints.create",
        "POST /batch-endpoints",
        "Make one; its deployments come next.",
        body=CreateBatchEndpoint,
        returns=BatchEndpoint,
    ),
    route(
        "batch_endpoints.update",
        "PATCH /batch-endpoints/{name}",
        "Change its default deployment, description or tags.",
        body=UpdateBatchEndpoint,
        returns=BatchEndpoint,
    ),
    route(
        "batch_endpoints.delete",
        "DELETE /batch-endpoints/{name}",
        "Delete it with its deployments; its jobs stay.",
        returns=BatchEndpoint,
    ),
    route(
        "batch_endpoints.invoke",
        "POST /batch-endpoints/{name}/invoke",
        "Score files: a job.",
        body=InvokeBatch,
        returns=Job,
    ),
    route(
        "batch_endpoints.jobs",
        "GET /batch-endpoints/{name}/jobs",
        "Its jobs, newest first.",
        returns=JobPage,
    ),
    route(
        "batch_deployments.list",
        "GET /batch-endpoints/{endpoint}/deployments",
        "Deployments of an endpoint.",
        returns=BatchDeploymentList,
    ),
    route(
        "batch_deployments.get",
        "GET /batch-endpoints/{endpoint}/deployments/{name}",
        "One deployment.",
        returns=BatchDeployment,
    ),
    route(
        "batch_deployments.create",
        "POST /batch-endpoints/{endpoint}/deployments",
        "Put a model and its script behind an endpoint; the same name again replaces it.",
        body=CreateBatchDeployment,
        returns=BatchDeployment,
    ),
    route(
        "batch_deployments.delete",
        "DELETE /batch-endpoints/{endpoint}/deployments/{name}",
        "Delete it; its jobs stay.",
        returns=BatchDeployment,
    ),
)
