"""The client's facets ``batch_endpoints`` and ``batch_deployments``."""

from __future__ import annotations

import msgspec

from jupyter_aml.client.facet import Facet
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
from jupyter_aml.model.job import Job, JobPage
from jupyter_aml.model.names import new_job_name


class BatchEndpoints(Facet):
    """Names that files are sent to. A call is a job."""

    def list(self) -> BatchEndpointList:
        return self._call("batch_endpoints.list", BatchEndpointList)

    def get(self, name: str) -> BatchEndpoint:
        return self._call("batch_endpoints.get", BatchEndpoint, name=name)

    def create(self, body: CreateBatchEndpoint) -> BatchEndpoint:
        return self._call("batch_endpoints.create", BatchEndpoint, body=body)

    def update(self, name: str, body: UpdateBatchEndpoint) -> BatchEndpoint:
        return self._call("batch_endpoints.update", BatchEndpoint, body=body, name=name)

    def delete(self, name: str) -> BatchEndpoint:
        """Delete it with its deployments; its jobs stay."""
        return self._call("batch_endpoints.delete", BatchEndpoint, name=name)

    def invoke(self, name: str, body: InvokeBatch) -> Job:
        """Score files. Returns the job as soon as it is on disk.

        It always has a name before it is sent, so that sending it again cannot make a second one.
        """
        body = msgspec.structs.replace(body, job_name=body.job_name or new_job_name())
        return self._call("batch_endpoints.invoke", Job, body=body, name=name)

    def jobs(self, name: str) -> JobPage:
        """Its newest jobs, newest first."""
        return self._call("batch_endpoints.jobs", JobPage, name=name)


class BatchDeployments(Facet):
    """A model, its script and its settings behind a batch endpoint."""

    def list(self, endpoint: str) -> BatchDeploymentList:
        return self._call("batch_deployments.list", BatchDeploymentList, endpoint=endpoint)

    def get(self, endpoint: str, name: str) -> BatchDeployment:
        return self._call("batch_deployments.get", BatchDeployment, endpoint=endpoint, name=name)

    def create(self, body: CreateBatchDeployment) -> BatchDeployment:
        """Keep the code as it is now; the same name again replaces what was there."""
        endpoint = body.endpoint_name
        return self._call("batch_deployments.create", BatchDeployment, body=body, endpoint=endpoint)

    def delete(self, endpoint: str, name: str) -> BatchDeployment:
        return self._call("batch_deployments.delete", BatchDeployment, endpoint=endpoint, name=name)
