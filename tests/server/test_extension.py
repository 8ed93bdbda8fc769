"""Loading: what is served, what it costs, and what an administrator may set."""

from __future__ import annotations

import inspect
import json
import subprocess
import sys
from typing import Any

import pytest
from jupyter_server.auth.authorizer import Authorizer
from tornado.httpclient import HTTPClientError

from jupyter_aml.server import extension
from tests.server.fake_service import FakeService

LAZY = ("jupyter_aml.client", "jupyter_aml.service", "cloudpickle", "psutil", "yaml", "sqlite3")


def test_loading_imports_nothing_that_the_first_request_can_import() -> None:
    code = (
        "import json, sys\n"
        "import jupyter_server.serverapp\n"
        "before = set(sys.modules)\n"
        "import jupyter_aml.server.extension\n"
        "print(json.dumps(sorted(set(sys.modules) - before)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = json.loads(done.stdout)
    assert "jupyter_aml.server.proxy" in loaded
    assert not [name for name in loaded if name.startswith(LAZY)]


def test_every_verb_of_every_handler_asks_who_and_whether() -> None:
    routes = extension.routes("/")
    assert len(routes) > 3
    for _, handler in routes:
        for verb in ("get", "post", "put", "patch", "delete"):
            method = vars(handler).get(verb)
            if method is None:
                continue
            wrapped = inspect.unwrap(method)
            assert wrapped is not method, f"{handler.__name__}.{verb} is not decorated"
            assert getattr(method, "__allow_unauthenticated", False) is False
        assert handler.auth_resource == "jupyter_aml"


@pytest.mark.parametrize("verb", ["GET", "POST", "PUT", "PATCH", "DELETE"])
async def test_the_status_needs_a_token(jp_fetch: Any, verb: str) -> None:
    with pytest.raises(HTTPClientError) as caught:
        await jp_fetch(
            "jupyter-aml",
            "status",
            method=verb,
            headers={"Authorization": "no"},
            allow_nonstandard_methods=True,
        )
    assert caught.value.code == 403


@pytest.mark.usefixtures("link")
async def test_the_status_names_the_live_service_and_asks_it_nothing(
    jp_fetch: Any, service: FakeService
) -> None:
    answer = await jp_fetch("jupyter-aml", "status")
    status = json.loads(answer.body)
    assert (status["state"], status["serviceVersion"], status["pid"]) == ("running", "9.9", 77)
    assert service.token not in answer.body.decode()
    assert str(service.port) not in answer.body.decode()
    assert not service.heard


@pytest.mark.usefixtures("link")
class ReadOnly(Authorizer):
    def is_authorized(self, handler: Any, user: Any, action: str, resource: str) -> bool:
        return action == "read"


async def test_the_status_says_whether_the_user_may_change_anything(
    jp_serverapp: Any, jp_fetch: Any
) -> None:
    assert json.loads((await jp_fetch("jupyter-aml", "status")).body)["mayWrite"] is True
    jp_serverapp.web_app.settings["authorizer"] = ReadOnly()
    assert json.loads((await jp_fetch("jupyter-aml", "status")).body)["mayWrite"] is False


async def test_a_verb_that_a_route_lacks_has_arms_shape(jp_fetch: Any) -> None:
    answer = await jp_fetch("jupyter-aml", "status", method="DELETE", raise_error=False)
    assert answer.code == 405
    assert json.loads(answer.body)["error"]["code"] == "Invalid"


class TestStartForbidden:
    @pytest.fixture
    def jp_server_config(self, jp_server_config: dict[str, Any]) -> dict[str, Any]:
        return {**jp_server_config, "AmlServer": {"start_service": False}}

    async def test_nothing_is_started_and_the_hint_says_how(self, jp_fetch: Any) -> None:
        answer = await jp_fetch("jupyter-aml", "api", "v1", "jobs", raise_error=False)
        error = json.loads(answer.body)["error"]
        assert (answer.code, error["code"]) == (503, "ServiceNotRunning")
        assert error["hint"] == "Start it: jupyter aml service start"
