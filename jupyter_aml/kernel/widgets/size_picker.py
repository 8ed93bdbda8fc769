"""`SizePicker`: choose a VM size by what it has, what it costs, and whether it can be had."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from IPython.core.getipython import get_ipython
from traitlets import Bool, Enum, Float, Int, List, TraitError, Unicode, validate

from jupyter_aml.client.client import Client
from jupyter_aml.kernel.place import place_of
from jupyter_aml.kernel.widgets import size_facts, size_filter, size_html
from jupyter_aml.kernel.widgets.base import AmlWidget
from jupyter_aml.model.compute import VmSize


class SizePicker(AmlWidget):
    """``SizePicker(kind="gpu", nodes=4)``; ``picker.value`` is the chosen size's name.

    Its filters are traits too: `search`, `kind`, `memory_gb`, `only_available`; `options` are the
    names that they leave. `on_use` registers what Enter, or the button, calls.
    """

    value = Unicode().tag(sync=True)
    """Name of the chosen size; "" for none. One that cannot be had is refused."""
    options = List(Unicode()).tag(sync=True)
    """Names of the sizes that the filters leave, in their order. Set by the picker alone."""
    search = Unicode().tag(sync=True)
    kind = Enum(("all", "cpu", "gpu"), "all").tag(sync=True)
    memory_gb = Float(0, min=0).tag(sync=True)
    only_available = Bool(False).tag(sync=True)
    nodes = Int(1, min=1, max=100).tag(sync=True)
    """How many nodes the price is shown for."""
    tier = Enum(("dedicated", "low_priority"), "dedicated").tag(sync=True)

    _cost = Unicode().tag(sync=True)
    _count = Unicode().tag(sync=True)

    def __init__(
        self, *, gpu: bool | None = None, client: Client | None = None, **traits: Any
    ) -> None:
        """`gpu` is short for ``kind="gpu"`` or ``kind="cpu"``. Raise `AmlError` as the client."""
        if gpu is not None:
            traits.setdefault("kind", "gpu" if gpu else "cpu")
        self._sizes: dict[str, VmSize] = {}
        self._facts = size_facts.SizeFacts()
        self._best: size_facts.Recommendation | None = None
        shell = get_ipython()
        self._notebook = place_of(shell).notebook if shell is not None else ""
        self._uses: list[Callable[[SizePicker], object]] = []
        wanted = traits.pop("value", "")
        super().__init__(client, _label="Size picker", **traits)
        self._read()
        self._filter()
        self.value = wanted or self._preset()
        self._draw()
        self.observe(self._on_filter, ["search", "kind", "memory_gb", "only_available"])
        self.observe(self._on_choice, ["value", "nodes", "tier"])

    # -- for the person who has it ----------------------------------------------------------------

    @property
    def size(self) -> VmSize | None:
        """All that is known of the chosen size."""
        return self._sizes.get(self.value)

    def refresh(self) -> SizePicker:
        """Ask again which sizes there are; what can be had changes with what runs."""
        self._read()
        self._filter()
        self._draw()
        return self

    def on_use(self, callback: Callable[[SizePicker], object]) -> None:
        """Call `callback(picker)` when a person presses *Use this size*, or Enter on a size."""
        self._uses.append(callback)

    def code(self, name: str = "cpu-cluster") -> str:
        """The line that creates a cluster of this size."""
        tier = " --tier low_priority" if self.tier == "low_priority" else ""
        return f"%aml compute create {name} --size {self.value} --max-instances {self.nodes}{tier}"

    # -- inside -----------------------------------------------------------------------------------

    def _read(self) -> None:
        found = size_filter.ordered(
            self.client.compute.sizes(tier="low_priority" if self._is_low else "dedicated").value
        )
        self._sizes = {size.name: size for size in found}
        self._facts = size_facts.read(self.client, self._notebook)
        self._best = self._facts.recommended(found)

    @property
    def _is_low(self) -> bool:
        return self.tier == "low_priority"

    def _preset(self) -> str:
        """What fits past runs, where the filters leave it; else the smallest that is roomy."""
        if self._best is not None and self._best.size in self.options:
            return self._best.size
        return size_filter.preset(self._shown())

    def _shown(self) -> list[VmSize]:
        return size_filter.matching(
            self._sizes.values(),
            search=self.search,
            kind=self.kind,
            memory_gb=self.memory_gb,
            only_available=self.only_available,
        )

    def _filter(self) -> None:
        self.options = [size.name for size in self._shown()]
        self._count = f"{len(self.options)} of {len(self._sizes)} sizes"

    @validate("value")
    def _check_value(self, proposal: Any) -> str:
        name = proposal["value"]
        size = self._sizes.get(name)
        if name and size is None:
            raise TraitError(f"There is no size {name!r}. `%aml compute sizes` lists them.")
        if size is not None and not size.available:
            nearest = f" The nearest that can be had is {size.nearest}." if size.nearest else ""
            raise TraitError(f"{name} cannot be had: {size.reason.removesuffix('.')}.{nearest}")
        return name

    def _on_filter(self, _: object) -> None:
        """The view hides rows by `options`; it is not drawn anew while a person types."""
        self._filter()
        self._repaint()

    def _on_choice(self, change: Any) -> None:
        self._cost = size_html.cost(self.size, self._choice())
        if change["name"] == "tier":
            self.refresh()  # another quota
        self._repaint()

    def _repaint(self) -> None:
        """A change by code shows in the saved output too; one by a person waits for a save."""
        if not self._property_lock:
            self._show_again()

    def _choice(self, *, is_live: bool = True) -> size_html.Choice:
        key = f"aml-{re.sub(r'[^a-z0-9]', '', self.model_id or self._display_id)[:12]}"
        return size_html.Choice(
            self.value,
            self.nodes,
            self._is_low,
            key,
            is_live=is_live,
            facts=self._facts,
            recommended=self._best,
        )

    def _draw(self) -> None:
        self._cost = size_html.cost(self.size, self._choice())
        super()._draw()

    def _html(self) -> str:
        return self._drawn(list(self._sizes.values()), is_live=True)

    def _picture(self) -> str:
        return self._drawn(self._shown(), is_live=False)

    def _drawn(self, sizes: list[VmSize], *, is_live: bool) -> str:
        choice = self._choice(is_live=is_live)
        cost = size_html.cost(self.size, choice)
        if not is_live:
            table = size_html.table(sizes, choice)
            return f'<div class="s">{self._count}</div>{table}<div>{cost}</div>'
        return (
            f"{size_html.filters(choice.key)}{size_html.table(sizes, choice)}"
            '<p class="aml-none s" hidden>No size matches.</p>'
            f'<div class="fx"><span class="aml-price">{cost}</span>'
            f'<span class="grow"></span>{size_html.BUTTONS}</div>'
        )

    def _text(self) -> str:
        return size_html.text(self._shown(), len(self._sizes), self._choice())

    def _do(self, action: str, name: str) -> None:  # noqa: ARG002
        if action == "use" and self.value:
            for callback in self._uses:
                callback(self)
            self._said = f"{self.value} is chosen."
        elif action == "code" and self.value:
            self.send({"copy": self.code()})
            self._said = "Copied"
