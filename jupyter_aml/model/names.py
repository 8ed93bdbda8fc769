"""Names of things, checked at the edge. Patterns and limits are Azure ML's own.

Source: the ``pattern`` fields of the 2025-12-01 API and the documented limits; a compute
instance name must be unique in its region there, so it has a stricter pattern.
"""

from __future__ import annotations

import re
import secrets
from typing import Annotated

from msgspec import Meta

from jupyter_aml.model.errors import Invalid

ASSET = r"^[a-zA-Z0-9][a-zA-Z0-9\-_]{0,254}$"
COMPUTE = r"^[a-zA-Z](?![a-zA-Z0-9-]*-\d+$)[a-zA-Z0-9\-]{2,23}$"
SESSION = r"^[a-zA-Z0-9][a-zA-Z0-9\-_]{0,63}$"
VARIABLE = r"^[A-Za-z_][A-Za-z0-9_]{0,254}$"
KERNEL = r"^[a-zA-Z0-9][a-zA-Z0-9\-_]{0,127}$"
CELL_ID = r"^[a-zA-Z0-9\-_]{1,64}$"  # nbformat 4.5

AssetName = Annotated[str, Meta(pattern=ASSET)]

LOCAL = "local"
"""The compute that is always there: this machine."""

_RULES = {
    "job": (ASSET, "1 to 255 letters, digits, - and _, first a letter or digit"),
    "model": (ASSET, "1 to 255 letters, digits, - and _, first a letter or digit"),
    "kernel": (KERNEL, "1 to 128 letters, digits, - and _, first a letter or digit"),
    "session": (SESSION, "1 to 64 letters, digits, - and _, first a letter or digit"),
    "compute": (
        COMPUTE,
        "3 to 24 letters, digits and -, first a letter, and not only digits after the last -",
    ),
}

_WORDS = (
    "amber apple arch aspen badge basil beach birch bloom brook cedar chalk cliff cloud coral "
    "crane creek daisy delta dune eagle ember fern field finch flint forest frost garden glade "
    "grape grove harbor hazel heron honey iris island ivory jade juniper kite lake lark laurel "
    "lemon lilac lime linen lotus maple marsh meadow mint moss oak ocean olive onyx opal orchid "
    "otter palm pearl pebble pine plum pond poppy quartz quill rain reef ridge river robin rose "
    "sage sand shell shore silver slate snow spruce stone swan thistle tide topaz tulip valley "
    "velvet violet walnut wave wheat willow wind wren"
).split()
_TAIL = "abcdefghjkmnpqrstuvwxyz23456789"


def check_name(kind: str, name: str) -> str:
    """Return `name` if it may name a `kind`, a key of `_RULES`; else raise `Invalid`."""
    pattern, rule = _RULES[kind]
    if kind == "compute" and name == LOCAL:
        raise Invalid(
            f'"{LOCAL}" names this machine and cannot be created or deleted.', target="name"
        )
    # not `match`: its $ lets a newline at the end through
    if not re.fullmatch(pattern, name):
        raise Invalid(
            f"{name!r} cannot name a {kind}.", target="name", hint=f"A {kind} name has {rule}."
        )
    return name


def new_job_name() -> str:
    """A name that is easy to say and never met twice: ``maple_river_7k2m9qx4hd``."""
    # One draw for all of it: every call of `secrets.choice` asks the kernel anew.
    chance = secrets.randbits(128)
    chance, first = divmod(chance, len(_WORDS))
    chance, second = divmod(chance, len(_WORDS))
    tail = ""
    for _ in range(10):
        chance, place = divmod(chance, len(_TAIL))
        tail += _TAIL[place]
    return f"{_WORDS[first]}_{_WORDS[second]}_{tail}"
