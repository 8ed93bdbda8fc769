"""A script that was pointed at this machine can change nothing in Azure: it does not get there.

The hosts that the SDK has built in are refused here, and they are those that the docs list.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from jupyter_aml.client import sdk_doctor
from tests.arm import fenced
from tests.arm.live import Live

DOCS = Path(__file__).parents[2] / "docs" / "azure" / "hosts.md"

CLIENT = """
import os
from azure.ai.ml import MLClient
from azure.identity import DefaultAzureCredential
names = ("SUBSCRIPTION", "RESOURCEGROUP", "WORKSPACE_NAME")
ml_client = MLClient(DefaultAzureCredential(), *(os.environ["AZUREML_ARM_" + n] for n in names))
"""

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


def run(live: Live, folder: Path, source: str) -> fenced.Ran:
    (folder / "script.py").write_text(CLIENT + source)
    return fenced.run(["script.py"], environment=live.environment(), folder=folder)


def test_the_fence_refuses_and_remembers(live: Live, tmp_path: Path) -> None:
    script = "import socket\nsocket.create_connection(('azure.example', 443))\n"
    (tmp_path / "script.py").write_text(script)
    ran = fenced.run(["script.py"], environment={}, folder=tmp_path)
    assert ran.code != 0
    assert ran.refused == {"azure.example"}


def test_the_whole_client_stays_on_this_machine(live: Live, tmp_path: Path) -> None:
    ran = run(
        live,
        tmp_path,
        "print(ml_client.workspaces.get().name)\n"
        "for noun in ('compute', 'jobs', 'environments', 'data', 'models', 'online_endpoints',\n"
        "             'batch_endpoints', 'schedules', 'components', 'datastores'):\n"
        "    print(noun, len(list(getattr(ml_client, noun).list())))\n",
    )
    assert ran.code == 0, ran.stderr
    assert ran.refused == frozenset()
    assert ran.stdout.startswith("local\n")


def test_hosts_that_are_built_in_are_refused_and_are_in_the_docs(
    live: Live, tmp_path: Path
) -> None:
    (tmp_path / "table").mkdir()
    (tmp_path / "table" / "MLTable").write_text("paths:\n- file: ./a.csv\n")
    (tmp_path / "table" / "a.csv").write_text("x\n1\n")
    ran = run(
        live,
        tmp_path,
        "def tried(call):\n"
        "    try:\n"
        "        call()\n"
        "    except Exception as error:\n"
        "        print(type(error).__name__)\n"
        "tried(lambda: ml_client.workspaces.begin_delete('x', delete_dependent_resources=True))\n"
        "tried(lambda: MLClient(DefaultAzureCredential(), registry_name='azureml'))\n"
        "from azure.ai.ml.entities import Data\n"
        "ml_client.data.create_or_update(Data(name='fenced', path='table', type='mltable'))\n",
    )
    assert (ran.code, len(ran.stdout.split())) == (0, 2), ran.stderr
    asked = {"management.azure.com", "eastus.api.azureml.ms", "azuremlschemasprod.azureedge.net"}
    assert ran.refused == asked
    page = DOCS.read_text(encoding="utf-8")
    assert [host for host in {*ran.refused, *sdk_doctor.HOSTS} if f"`{host}`" not in page] == []
