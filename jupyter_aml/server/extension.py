"""Loaded by Jupyter Server at its start: routes, the activity keeper, kernels on instances.

Costs a few milliseconds: what finds and starts the service is imported once the loop runs.
"""

from __future__ import annotations

from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from jupyter_server.utils import url_path_join
from tornado.ioloop import PeriodicCallback

from jupyter_aml.model.errors import AmlError
from jupyter_aml.server.feed import FeedHandler
from jupyter_aml.server.handler import SETTING
from jupyter_aml.server.keeper import ACTIVITY, Keeper
from jupyter_aml.server.link import ServiceLink
from jupyter_aml.server.locate import find, find_only, is_stopped, start
from jupyter_aml.server.proxy import ProxyHandler
from jupyter_aml.server.servicelog import LogHandler
from jupyter_aml.server.settings import AmlServer
from jupyter_aml.server.status import StatusHandler

if TYPE_CHECKING:
    from jupyter_server.serverapp import ServerApp

NAMESPACE = "jupyter-aml"
KEEPER_SETTING = "jupyter_aml_keeper"


def load(server_app: ServerApp) -> None:
    """Called through `jupyter_aml._load_jupyter_server_extension`."""
    settings = AmlServer(parent=server_app)
    link = ServiceLink(find, start if settings.start_service else find_only, is_stopped)
    application = server_app.web_app
    application.settings[SETTING] = link
    application.add_handlers(".*$", routes(application.settings["base_url"]))
    if settings.jobs_keep_server_alive:
        keeper = Keeper(link, lambda: _touch(application.settings), server_app.log)
        looking = PeriodicCallback(keeper.check, settings.activity_interval * 1000, jitter=0.1)
        application.settings[KEEPER_SETTING] = looking
        server_app.io_loop.add_callback(looking.start)
    server_app.io_loop.add_callback(_offer_instances, server_app, link)
    server_app.log.info("jupyter_aml: %s", url_path_join(server_app.base_url, NAMESPACE))


def routes(base_url: str) -> list[tuple[str, type]]:
    """Everything that the extension serves."""
    return [
        (url_path_join(base_url, NAMESPACE, r"api/(v1/.*)"), ProxyHandler),
        (url_path_join(base_url, NAMESPACE, "feed"), FeedHandler),
        (url_path_join(base_url, NAMESPACE, "log"), LogHandler),
        (url_path_join(base_url, NAMESPACE, "status"), StatusHandler),
    ]


async def _offer_instances(server_app: ServerApp, link: ServiceLink) -> None:
    """Once the loop runs: running instances are kernels, and those of before are here again."""
    from jupyter_aml.client.discovery import service_home
    from jupyter_aml.server.kernels.comeback import take_up

    folder = str(service_home() / "kernelspecs" / "kernels")
    specs: Any = server_app.kernel_spec_manager  # jupyter_server leaves it untyped
    if folder not in specs.kernel_dirs:
        specs.kernel_dirs = [*specs.kernel_dirs, folder]
    try:
        await take_up(server_app, link)
    except (AmlError, OSError) as error:
        # The service is on its way up or down: Jupyter Server works all the same.
        server_app.log.warning("jupyter_aml: kernels on instances were not looked for: %s", error)


def _touch(settings: dict[str, Any]) -> None:
    settings[ACTIVITY] = datetime.now(timezone.utc)
