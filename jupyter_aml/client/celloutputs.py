"""From a job's events to a cell's outputs in a notebook file, as if the kernel had run the cell.

The page does the same with what it follows (``src/outputs.ts``); this is for files that no page
has open.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from jupyter_aml.model.event import Event
from jupyter_aml.model.notebook import mapping

Output = dict[str, Any]

# What a carriage return wrote over: a progress bar's hundred drawings.
_OVERWRITTEN = re.compile(r"[^\n]*\r(?!\n|$)")


def job_of(output: Output) -> str:
    """The job that an output says it is of; "" if it says nothing."""
    name = mapping(mapping(output.get("metadata")).get("jupyter_aml")).get("job")
    return name if isinstance(name, str) else ""


def named(output: Output, job: str) -> Output:
    """`output`, saying that it is of `job`: from there a page that opens the file finds the run."""
    metadata = {**output.get("metadata", {}), "jupyter_aml": {"job": job}}
    return {**output, "metadata": metadata}


class CellOutputs:
    """The outputs of one cell; `apply` takes the events of its job in order."""

    def __init__(self, execution_count: int | None) -> None:
        self.outputs: list[Output] = []
        self._count = execution_count
        self._clears_next = False
        self._shown: dict[str, list[Output]] = {}

    def apply(self, events: Iterable[Event]) -> list[Output]:
        for event in events:
            self._take(event)
        for output in self.outputs:
            if output["output_type"] == "stream":
                output["text"] = _OVERWRITTEN.sub("", output["text"])
        return self.outputs

    def _take(self, event: Event) -> None:
        kind = event.kind
        if kind in ("stdout", "stderr"):
            self._text(kind, event.text)
        elif kind == "notice":
            self._text("stderr", event.text if event.text.endswith("\n") else f"{event.text}\n")
        elif kind == "display_data":
            output = self._add(kind, data=event.data, metadata=event.metadata)
            self._shown.setdefault(_display_id(event), []).append(output)
        elif kind == "update_display_data":
            for output in self._shown.get(_display_id(event), []):
                output.update(data=event.data, metadata=event.metadata)
        elif kind == "execute_result":
            bundle = {"data": event.data, "metadata": event.metadata}
            self._add(kind, execution_count=self._count, **bundle)
        elif kind == "error":
            told = {"ename": event.ename, "evalue": event.evalue, "traceback": event.traceback}
            self._add(kind, **told)
        elif kind == "clear_output":
            self._clears_next = event.wait
            if not event.wait:
                self._clear()

    def _text(self, name: str, text: str) -> None:
        if self._clears_next:
            self._clear()
        last = self.outputs[-1] if self.outputs else {}
        if last.get("output_type") == "stream" and last["name"] == name:
            last["text"] += text
        else:
            self._add("stream", name=name, text=text)

    def _add(self, kind: str, **fields: Any) -> Output:
        if self._clears_next:
            self._clear()
        self.outputs.append({"output_type": kind, **fields})
        return self.outputs[-1]

    def _clear(self) -> None:
        self._clears_next = False
        self._shown.clear()
        self.outputs.clear()


def _display_id(event: Event) -> str:
    return str(event.transient.get("display_id") or "")
