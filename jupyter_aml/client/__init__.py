"""HOW TO REACH THE SERVICE: synchronous, the standard library's HTTP only.

`home` says where the state lies, `discovery` finds or starts the service of a home, `transport`
speaks HTTP with it, `client` names its operations, `follow` keeps a job's events coming whatever
happens, `pool` lays large variables where a job can read them. Everything is imported on first
use: Jupyter Server needs `discovery` alone, and a notebook that never runs a job needs nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jupyter_aml.client.client import Client, connect

__all__ = ["Client", "connect"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from jupyter_aml.client import client

    globals().update({known: getattr(client, known) for known in __all__})
    return globals()[name]
