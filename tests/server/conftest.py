"""pytest-jupyter's fixtures, on pytest-asyncio's loop.

Loaded as a plugin, pytest-jupyter would run every async test of the suite by itself, on a loop
that pytest-asyncio's fixtures do not share. Here its fixtures alone are taken, for this folder.
"""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
import pytest_jupyter.jupyter_server as _plugin

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
def jp_server_config() -> dict[str, Any]:
    return {
        "ServerApp": {
            "jpserver_extensions": {"jupyter_aml": True},
            # A handler that forgot to authenticate is refused, not served.
            "allow_unauthenticated_access": False,
        }
    }
