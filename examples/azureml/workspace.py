"""The stock client, for the workspace that the environment variables name: here or in Azure."""

import os
from pathlib import Path

from azure.ai.ml import MLClient, load_compute, load_environment
from azure.core.exceptions import ResourceNotFoundError
from azure.identity import DefaultAzureCredential

HERE = Path(__file__).parent


def connect() -> MLClient:
    """`eval "$(jupyter aml service env)"` sets these for the local workspace."""
    return MLClient(
        DefaultAzureCredential(),
        subscription_id=os.environ["AZUREML_ARM_SUBSCRIPTION"],
        resource_group_name=os.environ["AZUREML_ARM_RESOURCEGROUP"],
        workspace_name=os.environ["AZUREML_ARM_WORKSPACE_NAME"],
    )


def prepare(ml_client: MLClient) -> None:
    """What all samples need: a cluster, and the environment that their jobs run in."""
    ml_client.compute.begin_create_or_update(
        load_compute(HERE / "compute" / "cluster.yml")
    ).result()
    environment = load_environment(HERE / "environment" / "environment.yml")
    try:
        ml_client.environments.get(environment.name, environment.version)
    except ResourceNotFoundError:
        ml_client.environments.create_or_update(environment)
