"""Widgets of a cell as text and plain HTML that is kept up to date.

A widget is drawn by a page that talks to the process it lives in, which no page can do with a
job's. So what a cell displays is its picture, and each change of it a new one: ``tqdm.notebook``
and progress bars of ipywidgets move, in a notebook that is opened later too. What a person would
press is shown as its text.
"""

from __future__ import annotations

import html
import re
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

VIEW = "application/vnd.jupyter.widget-view+json"

_SHORTEST, _LONGEST = 0.1, 2.0
"""Seconds between two pictures of one widget: a hundredth of its age. Each is kept in the job's
log, and a bar may move for days."""
_DEEP = 8
"""Boxes in boxes in boxes."""

_TAG = re.compile(r"<[^>]*>")
# tqdm's words before its bar: "epoch:  40%".
_SHARE = re.compile(r":?\s*\d+%\s*$")

Bundle = dict[str, Any]
Write = Callable[..., None]


class Pictures:
    """The pictures of one process, by widget; `write` writes a frame, `text` is a widget's repr."""

    def __init__(self, write: Write, text: Callable[[Any], str]) -> None:
        self.write = write
        self.text = text
        self._shown: dict[str, _Picture] = {}

    def display(self, data: Bundle, metadata: Bundle, transient: Bundle) -> None:
        """Display the widget of a bundle with a view."""
        model = str(data[VIEW].get("model_id", ""))
        picture = self._shown.get(model)
        widget = _widget(model)
        if widget is None:
            self.write("display_data", data=still(data), metadata=metadata, transient=transient)
            return
        if picture is None:
            name = str(transient.get("display_id") or f"widget-{model}")
            picture = self._shown[model] = _Picture(self, widget, name)
        picture.show(metadata)

    def flush(self) -> None:
        """The cell has ended: what changed since the last picture is shown."""
        for picture in list(self._shown.values()):
            picture.flush()


def still(data: Bundle) -> Bundle:
    """`data` without the view, which nobody could draw."""
    return {name: value for name, value in data.items() if name != VIEW}


class _Picture:
    def __init__(self, pictures: Pictures, widget: Any, name: str) -> None:
        self._pictures = pictures
        self._widget = widget
        self._name = name
        self._observed: set[int] = set()
        self._born = time.monotonic()
        self._due = 0.0
        self._is_dirty = False
        self._observe()

    def show(self, metadata: Bundle) -> None:
        self._write("display_data", metadata)

    def flush(self) -> None:
        if self._is_dirty:
            self._write("update_display_data", {})
            self._report()

    def _changed(self, change: Any) -> None:
        if change["name"] == "children":
            self._observe()
        self._is_dirty = True
        if time.monotonic() >= self._due:
            self.flush()

    def _write(self, kind: str, metadata: Bundle) -> None:
        self._is_dirty = False
        now = time.monotonic()
        self._due = now + min(_LONGEST, max(_SHORTEST, (now - self._born) / 100))
        transient = {"display_id": self._name}
        self._pictures.write(kind, data=self._bundle(), metadata=metadata, transient=transient)

    def _bundle(self) -> Bundle:
        if self._widget.comm is None:  # closed: a bar that was not to be left
            return {"text/plain": ""}
        drawn = _html(self._widget, self._pictures.text)
        return {"text/plain": self._pictures.text(self._widget), "text/html": drawn}

    def _observe(self) -> None:
        for part in _parts(self._widget):
            if id(part) not in self._observed:
                self._observed.add(id(part))
                part.observe(self._changed)

    def _report(self) -> None:
        """The progress of the first bar in it is the job's."""
        parts = list(_parts(self._widget))
        bar = next((part for part in parts if _is_bar(part)), None)
        if bar is not None and bar.max > bar.min:
            value, total = float(bar.value - bar.min), float(bar.max - bar.min)
            words = [bar.description, *(part.value for part in parts if _is_text(part))]
            named = _SHARE.sub("", _TAG.sub("", html.unescape(next(filter(None, words), ""))))
            self._pictures.write("progress", value=value, total=total, text=named.strip(": "))


def _widget(model: str) -> Any:
    """The living widget of that name; None if ipywidgets keeps its widgets elsewhere one day."""
    module: Any = sys.modules.get("ipywidgets.widgets.widget")
    return getattr(module, "_instances", {}).get(model)


def _parts(widget: Any, depth: int = 0) -> Iterator[Any]:
    """The widget and what its boxes hold."""
    yield widget
    if depth < _DEEP:
        for child in getattr(widget, "children", ()):
            yield from _parts(child, depth + 1)


def _model(widget: Any) -> str:
    return str(getattr(widget, "_model_name", ""))


def _is_bar(widget: Any) -> bool:
    return _model(widget) in ("FloatProgressModel", "IntProgressModel")


def _is_text(widget: Any) -> bool:
    return _model(widget) in ("HTMLModel", "HTMLMathModel", "LabelModel")


def _html(widget: Any, text: Callable[[Any], str], depth: int = 0) -> str:
    model = _model(widget)
    if _is_bar(widget):
        value, most = widget.value - widget.min, widget.max - widget.min
        words = html.escape(widget.description)
        bar = f'<progress max="{most:g}" value="{value:g}" aria-label="Progress"></progress>'
        return f"<span>{words} {bar}</span>" if words else bar
    if model in ("HTMLModel", "HTMLMathModel"):
        return f"<span>{widget.value}</span>"
    if model == "LabelModel":
        return f"<span>{html.escape(widget.value)}</span>"
    children = getattr(widget, "children", None)
    if children and depth < _DEEP:
        way = "column" if model == "VBoxModel" else "row"
        inner = "".join(_html(child, text, depth + 1) for child in children)
        look = f"display:flex;flex-flow:{way} wrap;gap:4px 8px;align-items:baseline"
        return f'<div style="{look}">{inner}</div>'
    return f"<code>{html.escape(text(widget))}</code>"
