"""pytest-jupyter's fixtures, on pytest-asyncio's loop.

Loaded as a plugin, pytest-jupyter would run every async test of the suite by itself, on a loop
that pytest-asyncio's fixtures do not share. Here its fixtures alone are taken, for this folder.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_jupyter.jupyter_server as _plugin
from jupyter_server.serverapp import ServerApp

from jupyter_aml.server.handler import SETTING
from jupyter_aml.server.link import ServiceLink
from tests.server.fake_service import FakeService

globals().update(
    {
        name: value
        for name, value in vars(_plugin).items()
        if name.startswith(("echo_kernel", "http_server", "io_loop", "jp_"))
    }
)


@pytest.fixture
async def jp_asyncio_loop() -> asyncio.AbstractEventLoop:
    return asyncio.get_running_loop()


@pytest.fixture
def jp_base_url() -> str:
    """A hub's, with a name that has to be escaped."""
    return "/user/a%20b/"


@pytest.fixture
def jp_server_config() -> dict[str, Any]:
    return {
        "ServerApp": {
            "jpserver_extensions": {"jupyter_aml": True},
            # A handler that forgot to authenticate is refused, not served.
            "allow_unauthenticated_access": False,
        }
    }


@pytest.fixture
async def service() -> AsyncIterator[FakeService]:
    """A service that answers at once."""
    fake = FakeService()
    fake.start()
    yield fake
    await fake.stop()


@pytest.fixture
def link(jp_serverapp: ServerApp, service: FakeService) -> ServiceLink:
    """The extension's link, with `service` in place of a real one."""
    link = ServiceLink(lambda: service.endpoint, lambda: service.endpoint)
    jp_serverapp.web_app.settings[SETTING] = link
    return link


@pytest.fixture
async def signed_in(jp_serverapp: ServerApp, jp_fetch: Any, jp_http_port: int) -> dict[str, str]:
    """Headers of a browser that signed in on the login page: cookies, and no token."""
    host = f"127.0.0.1:{jp_http_port}"  # part of the cookie's name
    page = await jp_fetch("login", headers={"Authorization": ""})
    [xsrf] = [cookie.partition(";")[0] for cookie in page.headers.get_list("Set-Cookie")]
    answer = await jp_fetch(
        "login",
        method="POST",
        headers={"Authorization": "", "Cookie": xsrf, "X-XSRFToken": xsrf.partition("=")[2]},
        body=f"password={jp_serverapp.identity_provider.token}",
        follow_redirects=False,
        raise_error=False,
    )
    session = [cookie.partition(";")[0] for cookie in answer.headers.get_list("Set-Cookie")]
    assert any(cookie.startswith("username-") for cookie in session), session
    return {"Authorization": "", "Cookie": "; ".join([xsrf, *session]), "Host": host}
