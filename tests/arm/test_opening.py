"""The compatible API opens when it is asked for, stays where it was, and closes for good."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from jupyter_aml.model.azure import OpenArm
from jupyter_aml.model.errors import Invalid, Unavailable
from jupyter_aml.service import compatible
from jupyter_aml.service.clock import SystemClock
from jupyter_aml.testing.waiting import eventually_sync
from tests.arm.caller import WS
from tests.arm.live import Live

FAKE = "--ServiceSettings.backend=jupyter_aml.testing.fakes:FakeBackend"


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Live]:
    """A service of this test alone, over the fake workspace; closed."""
    found = Live(tmp_path / "home", FAKE)
    (tmp_path / "home").mkdir(mode=0o700)
    (tmp_path / "home" / "secret").write_bytes(b"s" * 32)  # the local backend makes its own
    found.service.start()
    yield found
    found.service.stop()


def test_it_is_closed_until_somebody_asks(own: Live) -> None:
    assert own.service.request("GET", "/arm") == {"state": "closed"}
    assert not (own.home / "arm").exists()


def test_it_opens_again_at_the_same_addresses_with_the_next_service(own: Live) -> None:
    own.reopen()
    token = own.token()

    # Another process may have got the port meanwhile, which is no fault: not three times over.
    assert any(_is_same_after_restart(own) for _ in range(3))
    headers = {"Authorization": f"Bearer {token}"}
    assert own.call("GET", WS, headers=headers)[0] == 200  # what a shell exported goes on working


def _is_same_after_restart(own: Live) -> bool:
    before = own.access
    own.service.kill()
    own.service.start()
    eventually_sync(lambda: own.service.request("GET", "/arm")["state"] == "open")
    own.reopen()
    return own.access == before


def test_closed_it_stays_closed(own: Live) -> None:
    own.reopen()
    assert own.service.request("DELETE", "/arm") == {"state": "closed"}

    eventually_sync(lambda: _is_refused(own))
    own.service.terminate()
    own.service.start()
    assert own.service.request("GET", "/arm")["state"] == "closed"


def _is_refused(own: Live) -> bool:
    try:
        own.call("GET", WS)
    except OSError:
        return True
    return False


def test_only_who_opens_it_is_told_the_secret(own: Live) -> None:
    own.reopen()

    assert own.access.identity_header
    assert "identityHeader" not in own.service.request("GET", "/arm")
    assert own.access.identity_header not in own.service.log()


def test_a_bundle_that_cannot_be_read_is_said(own: Live) -> None:
    with pytest.raises(Invalid, match="cannot be read"):
        own.service.request("POST", "/arm", {"caBundle": str(own.home / "none.pem")})


async def test_without_the_extra_it_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in sys.modules if name.startswith("jupyter_aml.service.arm")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "cryptography", None)
    facet = compatible.ArmFacet(
        tmp_path, lambda _name: None, SystemClock(), lambda: None, lambda _v: None
    )

    with pytest.raises(Unavailable) as raised:
        await facet.open(body=OpenArm())

    assert raised.value.hint == "pip install 'jupyter-aml[azure]'"


SCRIPT = """
import json, os, requests
from azure.identity import DefaultAzureCredential
with DefaultAzureCredential() as credential:
    token = credential.get_token("https://management.azure.com/.default").token
parts = ("SUBSCRIPTION", "RESOURCEGROUP", "WORKSPACE_NAME")
names = [os.environ["AZUREML_ARM_" + part] for part in parts]
path = ("/subscriptions/{}/resourceGroups/{}/providers/Microsoft.MachineLearningServices"
        "/workspaces/{}").format(*names)
headers = {"Authorization": "Bearer " + token}
answer = requests.get(os.environ["AZUREML_DEV_URL_MFE"] + path, headers=headers)
secret = os.environ.get("AZURE_CLIENT_SECRET")
print(json.dumps([answer.status_code, answer.json()["name"], secret]))
"""


def test_a_shell_that_evaluates_service_env_leads_scripts_here(home: Path, tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(SCRIPT)
    program = f"{sys.executable} -m jupyter_aml.cli.main"
    line = f'eval "$({program} service env)" && {sys.executable} {script}'
    environment = {**os.environ, "AZURE_CLIENT_SECRET": "real", "HTTPS_PROXY": "http://127.0.0.1:9"}
    shell = shutil.which("sh") or "sh"
    try:
        ran = subprocess.run(
            [shell, "-c", line], capture_output=True, env=environment, timeout=100, check=False
        )
        again = _environment(program, environment)
        assert _environment(program, {**environment, **again["set"]}) == again
    finally:
        stop = [*program.split(), "service", "stop", "--force"]
        subprocess.run(stop, env=environment, capture_output=True, timeout=100, check=False)

    assert ran.returncode == 0, ran.stderr.decode()
    assert json.loads(ran.stdout) == [200, "local", None]
    assert (home / "arm").is_dir()


def _environment(program: str, environment: dict[str, str]) -> Any:
    words = [*program.split(), "service", "env", "-o", "json"]
    ran = subprocess.run(words, env=environment, capture_output=True, timeout=100, check=True)
    return json.loads(ran.stdout)
