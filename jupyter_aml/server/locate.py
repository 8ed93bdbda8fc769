"""Find and start the service, as `server.link` wants it: blocking, called in a thread.

The client's discovery does the work. It is imported here, with the first request, so that
Jupyter Server does not pay for it at its start.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from jupyter_aml.model.errors import ServiceNotRunning
from jupyter_aml.server.endpoint import Endpoint, parse_url

if TYPE_CHECKING:
    from jupyter_aml.client.discovery import Runtime


def find() -> Endpoint | None:
    """The live service of this home, or None. Starts nothing."""
    from jupyter_aml.client import discovery

    runtime = discovery.find()
    return None if runtime is None else _endpoint(runtime)


def start() -> Endpoint:
    """The live service, started if none runs; return when it answers."""
    from jupyter_aml.client import discovery

    return _endpoint(discovery.start())


def home() -> str:
    """The folder that this server's service keeps everything in. It need not exist yet."""
    from jupyter_aml.client import discovery

    return str(discovery.service_home())


def is_stopped() -> bool:
    """Whether the last service of this home ended in order (or none ever ran).

    One that was killed leaves its runtime file behind.
    """
    from jupyter_aml.client import discovery

    return discovery.read(discovery.service_home()) is None


def find_only() -> Endpoint:
    """In place of `start` where the administrator has set ``start_service = False``."""
    endpoint = find()
    if endpoint is None:
        raise ServiceNotRunning(
            "The compute service does not run, and this Jupyter Server may not start it.",
            target="AmlServer.start_service",
            hint="Start it: jupyter aml service start",
        )
    return endpoint


def _endpoint(runtime: Runtime) -> Endpoint:
    host, port = parse_url(runtime.url)
    return Endpoint(
        host=host,
        port=port,
        token=runtime.token,
        version=runtime.version,
        pid=runtime.pid,
        started_at=runtime.started_at,
    )
