"""What an administrator may set: traitlets of the service, in ``HOME/service_config.py``.

::

    c.ServiceSettings.idle_exit_seconds = 0
    c.LocalSettings.quota_family_cores = 8

What a user prefers is elsewhere (`model.preferences`); what only concerns looks, in JupyterLab.
"""

from __future__ import annotations

from traitlets import CaselessStrEnum, Float, Int, List, Unicode
from traitlets.config import Configurable

MEGABYTE = 1024 * 1024


class ServiceSettings(Configurable):
    """The daemon itself."""

    idle_exit_seconds = Float(
        900.0,
        min=0,
        help="Exit when nothing ran and nobody called for this long; 0 never exits by itself.",
    ).tag(config=True)

    stream_limit_mb = Int(
        256,
        min=1,
        help="How much of each output stream of a job is kept; older output is dropped, and said.",
    ).tag(config=True)

    body_limit_mb = Int(
        64, min=1, help="Largest JSON body of a request; larger variables travel beside it."
    ).tag(config=True)

    backend = Unicode(
        "jupyter_aml.service.backends.local.backend:LocalBackend",
        help="The backend that every start opens, as module:class. Others, registered under the "
        "entry-point group jupyter_aml.backends, are opened when they are used.",
    ).tag(config=True)

    connection_limit = Int(
        512, min=8, help="Connections at the same time; more are answered with Busy."
    ).tag(config=True)


class LocalSettings(Configurable):
    """The local workspace."""

    quota_dedicated_cores = Int(
        100,
        min=0,
        help="Rehearsal quota: dedicated cores of all Azure sizes together, as a subscription has.",
    ).tag(config=True)

    quota_family_cores = Int(
        24, min=0, help="Rehearsal quota: dedicated cores of one family of Azure sizes."
    ).tag(config=True)

    quota_low_priority_cores = Int(
        100, min=0, help="Rehearsal quota: low-priority cores of all Azure sizes together."
    ).tag(config=True)

    session_idle_seconds = Float(
        1800.0, min=1, help="A kept process (--session) ends after this long without a cell."
    ).tag(config=True)

    mlflow_idle_seconds = Float(
        600.0,
        min=1,
        help="MLflow's server, which the first job that logs to it starts, ends after this long "
        "without a request.",
    ).tag(config=True)

    environment_tool = CaselessStrEnum(
        ["", "uv", "pip"],
        default_value="",
        help="What builds environments: uv or pip; by default uv where it is installed.",
    ).tag(config=True)

    environment_index = List(
        Unicode(),
        default_value=[],
        help="Where environments take packages from, as lines of a requirements file: "
        '"--no-index", "--find-links FOLDER". By default what pip or uv is configured with.',
    ).tag(config=True)

    cancel_grace_seconds = Float(
        10.0, min=0, help="How long a canceled job may clean up before it is killed."
    ).tag(config=True)
