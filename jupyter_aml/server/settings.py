"""What an administrator may set for the server extension, in ``jupyter_server_config.py``."""

from __future__ import annotations

from traitlets import Bool, Float
from traitlets.config import Configurable


class AmlServer(Configurable):
    """``c.AmlServer.…``"""

    start_service = Bool(
        True,
        help="""Start the compute service when a request needs it and none runs. When False,
        something else has to: `jupyter aml service start`.""",
    ).tag(config=True)

    jobs_keep_server_alive = Bool(
        True,
        help="""Running local jobs count as activity of this server, so that a hub does not cull
        it. A user can switch it off too (preference `jobs_keep_server_alive`).""",
    ).tag(config=True)

    activity_interval = Float(
        60.0,
        min=1.0,
        help="""Seconds between two looks at whether jobs run. Never starts the service.""",
    ).tag(config=True)
