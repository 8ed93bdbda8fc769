"""`ComputePanel`: the computes of the workspace as they change, and one of them chosen."""

from __future__ import annotations

import time
from typing import Any

import msgspec
from traitlets import List, TraitError, Unicode, validate

from jupyter_aml.client.client import Client
from jupyter_aml.kernel.widgets import compute_html, words
from jupyter_aml.kernel.widgets.base import AmlWidget
from jupyter_aml.kernel.widgets.live import Change
from jupyter_aml.model.compute import Compute


class ComputePanel(AmlWidget):
    """``ComputePanel()``; ``panel.selected`` is the name of the chosen compute, ready for ``-c``.

    It stays up to date in a thread that ends with `close`.
    """

    selected = Unicode("local").tag(sync=True)
    options = List(Unicode()).tag(sync=True)
    """Names of the computes there are. Set by the panel alone."""

    def __init__(self, *, selected: str = "", client: Client | None = None) -> None:
        """Begin with the preferred compute chosen. Raise `AmlError` as the client does."""
        self._computes: dict[str, Compute] = {}
        self._asking = ""
        self._lost_at = ""
        super().__init__(client, _label="Compute")
        self._read()
        self.selected = selected or self._preferred()
        self._draw()
        self.observe(self._on_choice, "selected")
        self._follow()

    @property
    def compute(self) -> Compute | None:
        """All that is known of the chosen compute."""
        return self._computes.get(self.selected)

    # -- staying up to date ---------------------------------------------------------------------

    def connected(self) -> None:
        self._lost_at = ""

    def changed(self, change: Change) -> None:
        if change.noun != "compute":
            return
        with self._drawing:
            if bytes(change.object) == b"null":
                self._computes.pop(change.name, None)
            else:
                found = msgspec.json.decode(change.object, type=Compute)
                self._computes[change.name] = found
            self._settle()
            self._draw()

    def lost(self) -> None:
        if not self._lost_at:
            self._lost_at = words.clock_of(time.time())
            self._draw()

    def _settle(self) -> None:
        """The names there are; a chosen compute that was deleted is chosen no more."""
        self.options = [compute.name for compute in self._ordered()]
        if self.selected not in self._computes:
            self.selected = "local"

    # -- inside -----------------------------------------------------------------------------------

    def _read(self) -> None:
        found = self.client.compute.list().value
        self._computes = {compute.name: compute for compute in found}
        self.options = [compute.name for compute in self._ordered()]

    def _preferred(self) -> str:
        wanted = self.client.preferences.get().default_compute
        return wanted if wanted in self._computes else "local"

    def _ordered(self) -> list[Compute]:
        return sorted(self._computes.values(), key=lambda one: (one.name == "local", one.name))

    @validate("selected")
    def _check_selected(self, proposal: Any) -> str:
        name = proposal["value"]
        if self._computes and name not in self._computes:
            raise TraitError(f"There is no compute {name!r}. `%aml compute list` lists them.")
        return name

    def _on_choice(self, _: object) -> None:
        # A view marks what a person chose by itself.
        if not self._property_lock:
            self._draw()

    def _look(self, *, is_live: bool = True) -> compute_html.Look:
        return compute_html.Look(self.selected, self._asking, self._lost_at, is_live=is_live)

    def _html(self) -> str:
        return self._drawn(self._look())

    def _picture(self) -> str:
        drawn = self._drawn(self._look(is_live=False))
        return f'{drawn}<div class="s">as of {words.clock_of(time.time())}</div>'

    def _drawn(self, look: compute_html.Look) -> str:
        computes = self._ordered()
        return compute_html.summary(computes, look) + compute_html.table(computes, look)

    def _text(self) -> str:
        return compute_html.text(self._ordered(), self._look())

    def _do(self, action: str, name: str) -> None:
        if name not in self._computes:
            return
        self._asking = name if action == "ask" else ""
        if action == "stop":
            self._computes[name] = self.client.compute.stop(name)
            self._said = f"Stopping {name}"
        elif action == "start":
            self._computes[name] = self.client.compute.start(name)
            self._said = f"Starting {name}"
