"""The run strip: one line above a cell's output that says how its job is doing.

It is shown only when a job takes longer than a moment, changes in place, and carries the job's
name in its metadata, from where a notebook that is opened again finds the run. The HTML is static:
it reads the same in VS Code, in nbviewer and without scripts.
"""

from __future__ import annotations

import html
from dataclasses import dataclass

from jupyter_aml.grammar import phrases
from jupyter_aml.kernel.status import look
from jupyter_aml.model.job import Receipt


@dataclass(frozen=True)
class Strip:
    """What the strip says at one moment. Times are seconds."""

    job: str
    compute: str
    status: str = "NotStarted"
    reason: str = ""
    elapsed: float = 0
    progress: float | None = None
    """0 to 1, None if the job does not tell."""
    doing: str = ""
    """What the job says of its progress: "epoch 7 of 20"."""
    price: float | None = None
    """List price of what it took so far."""
    usual: str = ""
    """How long such a start usually takes, while it waits: "usually 3 to 5 s"."""
    receipt: Receipt | None = None
    """When it has ended."""

    @property
    def head(self) -> str:
        """``Queued: waiting for 1 node of cpu-cluster``, ``Running on cpu-cluster``."""
        word = look(self.status).word
        says_more = self.reason not in ("", "Canceled", word, self.status)
        if says_more and self.status not in ("Running", "Completed"):
            return f"{word}: {self.reason}"
        return f"{word} on {self.compute}"

    @property
    def facts(self) -> list[str]:
        """What follows the head, each a few words."""
        found = [self.doing] if self.doing else []
        if self.progress is not None and self.receipt is None and not self.doing:
            found.append(f"{self.progress:.0%}")
        found.append(phrases.duration(self.elapsed))
        if self.usual and self.status in _WAITING:
            found.append(self.usual)
        if self.receipt is not None:
            found += of_receipt(self.receipt)
        elif self.price:
            found.append(f"would be {phrases.money(self.price)} so far")
        return found

    def bundle(self) -> dict[str, str]:
        return {"text/plain": self.text(), "text/html": self.html()}

    def text(self) -> str:
        return f"{self.head} ({', '.join(self.facts)})"

    def html(self) -> str:
        shown = look(self.status)
        word, _, rest = self.head.partition(" " if " on " in self.head else ":")
        separator = ":" if self.head.startswith(f"{word}:") else ""
        facts = "".join(f"<span>{html.escape(fact)}</span>" for fact in self.facts)
        job = html.escape(self.job)
        return (
            f'<div class="aml-strip" role="status" style="{_STRIP}">'
            f'<span aria-hidden="true" style="color:{shown.colour}">{shown.shape}</span>'
            f"<span><b>{html.escape(word)}</b>{separator} {html.escape(rest.strip())}</span>"
            f'{facts}<span style="{_NAME}">{job}</span>{self._bar()}</div>'
        )

    def _bar(self) -> str:
        if self.progress is None or self.receipt is not None:
            return ""
        value = f"{min(1.0, max(0.0, self.progress)):.3f}"
        return f'<progress max="1" value="{value}" style="{_BAR}" aria-label="Progress"></progress>'


_WAITING = ("NotStarted", "Queued", "Preparing", "Provisioning", "Starting")

_STRIP = (
    "display:flex;flex-wrap:wrap;gap:2px 12px;align-items:baseline;padding:4px 8px;"
    "font-family:var(--jp-ui-font-family, system-ui, sans-serif);"
    "font-size:var(--jp-ui-font-size1, 13px);"
    "border-left:3px solid var(--jp-border-color1, #bdbdbd)"
)
_NAME = "color:var(--jp-ui-font-color2, #757575);margin-left:auto"
_BAR = "width:100%;height:3px;accent-color:var(--jp-brand-color1, #1976d2)"


def of_receipt(receipt: Receipt) -> list[str]:
    found: list[str] = []
    if receipt.list_price:
        money = phrases.money(receipt.list_price)
        found.append(f"would be {money} in Azure" if receipt.rehearsal else money)
    if receipt.peak_memory_bytes:
        found.append(f"at most {phrases.size(receipt.peak_memory_bytes)} of memory")
    return found
