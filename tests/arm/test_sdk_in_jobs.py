"""A job finds the workspace that runs it, as a job in Azure does."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from jupyter_aml.model.azure import OpenArm
from jupyter_aml.model.errors import AmlError
from jupyter_aml.service.arm.identity import ON_BEHALF, answer
from jupyter_aml.service.arm.message import Body, Request
from jupyter_aml.service.arm.scope import Scope
from jupyter_aml.service.clock import SystemClock
from jupyter_aml.service.compatible import ArmFacet
from jupyter_aml.testing.waiting import eventually_sync
from tests.arm.caller import HOST, Caller
from tests.arm.live import Live

SCRIPT = """
import json, os
from azure.ai.ml import MLClient
from azure.ai.ml.identity import AzureMLOnBehalfOfCredential
from azure.identity import DefaultAzureCredential, ManagedIdentityCredential

names = [os.environ["AZUREML_ARM_" + one] for one in ("SUBSCRIPTION", "RESOURCEGROUP",
                                                      "WORKSPACE_NAME")]
kinds = (ManagedIdentityCredential, DefaultAzureCredential, AzureMLOnBehalfOfCredential)
found = []
for kind in kinds:
    with kind() as credential:
        client = MLClient(credential, *names)
        found.append(client.jobs.get(os.environ["AZUREML_RUN_ID"]).status)
print("FOUND", json.dumps(found))
"""


def _output(live: Live, name: str) -> str:
    whole = live.service.raw("GET", f"/jobs/{name}/events?wait=false")[1].decode()
    lines = [json.loads(line) for line in whole.splitlines() if line]
    return "".join(line.get("text", "") for line in lines)


@pytest.mark.filterwarnings("ignore")
def test_the_sdk_in_a_job_finds_that_very_job(live: Live, tmp_path: Path) -> None:
    (tmp_path / "look.py").write_text(SCRIPT)
    spec = {"type": "command", "command": "python look.py", "code": str(tmp_path)}
    made = live.service.request("POST", "/jobs", {"spec": spec})

    def ended() -> str:
        status = live.service.request("GET", f"/jobs/{made['name']}")["status"]
        return status if status in ("Completed", "Failed", "Canceled") else ""

    status = eventually_sync(ended, seconds=100)
    said = _output(live, made["name"])
    assert status == "Completed", said
    assert 'FOUND ["Running", "Running", "Running"]' in said
    _holds_no_secret(live, made["name"])


def _holds_no_secret(live: Live, job: str) -> None:
    """Neither the log nor what is kept of the job."""
    secret = live.access.identity_header.encode()
    assert secret not in live.service.log().encode()
    assert secret not in live.service.raw("GET", f"/jobs/{job}")[1]
    kept = [path for path in (live.home / "jobs" / job).rglob("*") if path.is_file()]
    assert kept
    assert not [path for path in kept if secret in path.read_bytes()]


async def test_jobs_are_told_while_it_is_open_and_nothing_before_or_after(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "secret").write_bytes(b"s" * 32)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "none.pem"))  # not the jobs' fault
    told: list[Mapping[str, str]] = []
    facet = ArmFacet(tmp_path, lambda _name: None, SystemClock(), lambda: None, told.append)
    assert told == []

    access = await facet.open(body=OpenArm())
    await facet.open(body=OpenArm())
    await facet.close()

    during, after = told
    assert after == {}
    assert during["AZUREML_DEV_URL_MFE"] == access.url
    assert during["IDENTITY_HEADER"] == access.identity_header
    assert during["AZUREML_ARM_WORKSPACE_NAME"] == access.workspace_name
    assert during["OBO_ENDPOINT"].startswith("http://127.0.0.1:")
    assert os.path.exists(during["REQUESTS_CA_BUNDLE"])


async def _asked(arm: Caller, query: dict[str, str], **headers: str) -> Any:
    given = {"Host": HOST, **headers}
    body = Body(_nothing())
    request = Request("GET", ON_BEHALF, query, list(given.items()), body, Scope())
    return await answer(request, arm.context, frozenset({HOST}))


async def _nothing() -> Any:
    for part in ():
        yield part


async def test_on_behalf_of_somebody_needs_the_secret_of_jobs(arm: Caller) -> None:
    resource = {"resource": "https://management.azure.com"}
    told = await _asked(arm, resource | {"secret": arm.context.on_behalf_secret})
    assert json.loads(told.body)["access_token"]

    with pytest.raises(AmlError, match="missing or wrong"):
        await _asked(arm, resource)
    with pytest.raises(AmlError, match="missing or wrong"):
        await _asked(arm, resource | {"secret": "ä"})
    header = {"X-IDENTITY-HEADER": arm.context.identity_secret}  # that of shells is another
    with pytest.raises(AmlError, match="missing or wrong"):
        await _asked(arm, resource | {"secret": arm.context.identity_secret}, **header)
