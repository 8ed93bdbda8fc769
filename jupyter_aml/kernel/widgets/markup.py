"""HTML of the widgets: shapes, states, and everything a person typed escaped.

Shapes are those of the side panel (``src/glyphs.ts``), its classes those of ``style/``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape as _escape

from jupyter_aml.kernel.status import look

_DISC = "M8 1.5a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13z"
_RING = f"{_DISC}m0 1.6a4.9 4.9 0 1 1 0 9.8 4.9 4.9 0 0 1 0-9.8z"

GLYPHS = {
    "running": f'<path fill-rule="evenodd" d="{_DISC}M6.3 4.6v6.8L11.6 8z"/>',
    "queued": f'<path d="{_RING}M7.2 4.6v4l2.9 1.8.8-1.3-2.1-1.3V4.6z"/>',
    "preparing": f'<path d="{_DISC}m0 1.6v9.8a4.9 4.9 0 0 1 0-9.8z"/>',
    "done": f'<path d="{_DISC}m-1 9.7L3.9 8.1 5 7l2 2 4-4 1.1 1.1z"/>',
    "failed": '<path d="M5.3 1.5 1.5 5.3v5.4l3.8 3.8h5.4l3.8-3.8V5.3l-3.8-3.8zm.7 3.3 2 2 2-2'
    'L11.2 6l-2 2 2 2-1.2 1.2-2-2-2 2L4.8 10l2-2-2-2z"/>',
    "warn": '<path d="M8 1.5.8 14.3h14.4zm-.8 4.6h1.6v4H7.2zm0 5h1.6v1.6H7.2z"/>',
    "stopped": f'<path fill-rule="evenodd" d="{_RING}"/><path d="M5.8 5.8h4.4v4.4H5.8z"/>',
    "idle": f'<path d="{_RING}"/>',
    "stale": '<circle cx="8" cy="8" r="5.7" fill="none" stroke="currentColor" stroke-width="1.6" '
    'stroke-dasharray="2.98 2.99"/><path d="M7 7h2v2H7z"/>',
    "stop": '<path d="M4 4h8v8H4z"/>',
    "play": '<path d="M4.5 3v10l8.5-5z"/>',
    "lock": '<path d="M8 1.5a3.2 3.2 0 0 1 3.2 3.2V6.5H12.5v8h-9v-8h1.3V4.7A3.2 3.2 0 0 1 8 1.5zm0 '
    '1.6a1.6 1.6 0 0 0-1.6 1.6v1.8h3.2V4.7A1.6 1.6 0 0 0 8 3.1z"/>',
}

# The colour class of each shape of a state.
_TINT = {
    "running": "st-run",
    "queued": "st-wait",
    "preparing": "st-prep",
    "done": "st-ok",
    "failed": "st-err",
    "warn": "st-warn",
    "stopped": "st-off",
    "idle": "st-idle",
    "stale": "st-stale",
}

# The shape of each sign that stands for it in text.
_SIGNS = {
    "▶": "running",
    "◷": "queued",
    "◐": "preparing",
    "✔": "done",
    "✖": "failed",
    "■": "stopped",
    "○": "idle",
}


_COLOUR = re.compile(r"\x1b\[[0-9;]*m")


def uncoloured(lines: Iterable[str]) -> str:
    """A traceback without the codes that colour it in a terminal."""
    return _COLOUR.sub("", "\n".join(lines))


def escape(value: object) -> str:
    return _escape(str(value), quote=True)


def glyph(name: str, size: int = 14, tint: str = "") -> str:
    """A shape alone; the word stands beside it."""
    named = f' class="{tint}"' if tint else ""
    box = f'viewBox="0 0 16 16" width="{size}" height="{size}" aria-hidden="true"'
    return f"<svg{named} {box}>{GLYPHS[name]}</svg>"


def shape_of(status: str) -> str:
    """The shape of a status of a job, compute or node."""
    return _SIGNS.get(look(status).shape, "stale")


def state_shape(shape: str, size: int = 14) -> str:
    return glyph(shape, size, _TINT[shape])


def button(
    label: str, action: str, *, name: str = "", icon: str = "", kind: str = "", title: str = ""
) -> str:
    """A button that asks the kernel for `action` on `name`."""
    drawn = glyph(icon) if icon else ""
    said = f' title="{escape(title)}"' if title else ""
    return (
        f'<button type="button" class="btn sm {kind}" data-do="{action}" data-name="{escape(name)}"'
        f' data-key="{action}/{escape(name)}"{said}>{drawn}{escape(label)}</button>'
    )


def message(cause: str, where: str = "", hint: str = "", details: str = "") -> str:
    """Cause, where, fix, raw: in this order."""
    parts = [
        '<div class="aml-msg err" role="alert"><div class="top">',
        state_shape("failed", 16),
        f'<div><div class="ttl">{escape(cause)}</div>',
        f'<div class="s">{escape(where)}</div>' if where else "",
        f"<div>{escape(hint)}</div>" if hint else "",
        "</div></div>",
        f"<details><summary>Raw text</summary><pre>{escape(details)}</pre></details>"
        if details
        else "",
        "</div>",
    ]
    return "".join(parts)
