"""A job's events, shown as they arrive: its stdout and stderr as they are, the rest as text."""

from __future__ import annotations

import re
from collections.abc import Iterable

from jupyter_aml.grammar.surface import Surface
from jupyter_aml.model.event import Event

_COLOUR = re.compile(r"\x1b\[[0-9;]*m")


def play(events: Iterable[Event], surface: Surface) -> str:
    """Show `events` to their end. Returns the last status among them, "" if there was none."""
    status = ""
    for event in events:
        if event.kind == "status":
            status = event.status
        _show(event, surface)
    return status


def _show(event: Event, surface: Surface) -> None:
    match event.kind:
        case "stdout":
            surface.stdout(event.text)
        case "stderr":
            surface.stderr(event.text)
        case "display_data" | "execute_result":
            surface.stdout(_plain(event))
        case "error":
            surface.stderr(_traceback(event))
        case "notice":
            surface.note(event.text.rstrip("\n"))
        case "status" if surface.watched and event.reason:
            surface.note(f"{event.status}: {event.reason}")
        case _:
            pass  # metrics, progress and updates of displays have no place in a plain stream


def _plain(event: Event) -> str:
    text = event.data.get("text/plain", "")
    if isinstance(text, list):
        text = "".join(map(str, text))
    return f"{text}\n" if text else ""


def _traceback(event: Event) -> str:
    """The traceback without its colours, which are IPython's for a notebook."""
    lines = event.traceback or [f"{event.ename}: {event.evalue}"]
    return _COLOUR.sub("", "\n".join(lines)) + "\n"
