"""The storage account: its name as the SDK has to spell it, its key, and SAS tokens made with it.

The SDK builds a blob's address as ``https://{account}.blob.core.windows.net``. An account "name"
of ``127.0.0.1:PORT/local`` makes that an address of ours, in the form that emulators have.
"""

from __future__ import annotations

import base64
from datetime import datetime, timezone
from urllib.parse import quote, urlencode

from jupyter_aml.service.arm.blob import signature
from jupyter_aml.service.arm.context import Context

ACCOUNT = "local"
HOST = f"{ACCOUNT}.blob.core.windows.net"
"""The first part of every blob's path."""
ENDPOINT = "core.windows.net"

_SIGNED_VERSION = "2023-11-03"
_EARLIER_SECONDS = 300
"""A token holds from a little before it was made: clocks differ."""


def name(context: Context) -> str:
    """What a datastore tells as its account."""
    return f"{context.base.partition('://')[2]}/{ACCOUNT}"


def spellings(context: Context) -> list[str]:
    """The account in a string to sign: each client takes another part of the address for it."""
    long = [f"{host}/{part}" for host in sorted(context.hosts) for part in (ACCOUNT, HOST)]
    return [ACCOUNT, HOST, *long]


def key(context: Context) -> bytes:
    """The account key. It is the same after every restart of this home."""
    return context.key("account", ACCOUNT) + context.key("account", ACCOUNT, "2")


def key_text(context: Context) -> str:
    """The key as clients take it."""
    return base64.b64encode(key(context)).decode()


def url(context: Context, container: str, blob: str = "") -> str:
    """Of a container, or of a blob in it."""
    whole = f"{context.base}/{HOST}/{container}"
    return f"{whole}/{quote(blob)}" if blob else whole


def sas(
    context: Context, container: str, blob: str = "", *, permissions: str, seconds: float
) -> str:
    """A token for a container, or for one blob; without the question mark."""
    now = context.clock.time()
    fields = {
        "sp": permissions,
        "st": _moment(now - _EARLIER_SECONDS),
        "se": _moment(now + seconds),
        "spr": "https",
        "sv": _SIGNED_VERSION,
        "sr": "b" if blob else "c",
    }
    resource = f"/blob/{ACCOUNT}/{container}" + (f"/{blob}" if blob else "")
    fields["sig"] = signature.sign(key(context), signature.of_sas(fields, resource))
    return urlencode(fields)


def _moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
