"""Which package to install for a module."""

import pytest

from jupyter_aml.model.packages import package_of


@pytest.mark.parametrize(
    ("module", "line", "package"),
    [
        ("cv2", "", "opencv-python-headless"),
        ("torch_geometric.nn", "", "torch-geometric"),
        ("google.cloud", "from google.cloud import bigquery", "google-cloud-bigquery"),
        ("google.cloud", "from google.cloud import bigquery as bq", "google-cloud-bigquery"),
        ("google", "import google.protobuf.text_format", "protobuf"),
        ("google", "from google.protobuf import text_format", "protobuf"),
        ("google", "import google.generativeai as genai", "google-generativeai"),
        ("azure", "from azure.ai.ml import MLClient", "azure-ai-ml"),
        ("azure.storage", "from azure.storage.blob import BlobClient", "azure-storage-blob"),
        ("azure", "from azure.identity import DefaultAzureCredential", "azure-identity"),
        ("isodate", "from azure.ai.ml import MLClient", "isodate"),
        ("yaml", "import yaml  # of azure.ai", "pyyaml"),
        ("azure.ai.ml", "", "azure-ai-ml"),
        ("azure", "", "azure-ai-ml"),
        ("google", "", "google-cloud-core"),
    ],
)
def test_the_name_on_the_index(module: str, line: str, package: str) -> None:
    assert package_of(module, line) == package
