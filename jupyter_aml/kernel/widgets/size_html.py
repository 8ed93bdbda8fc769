"""The size picker as HTML and as text. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from jupyter_aml.kernel.widgets import words
from jupyter_aml.kernel.widgets.markup import escape, glyph
from jupyter_aml.kernel.widgets.size_facts import Recommendation, SizeFacts
from jupyter_aml.model.compute import VmSize

_KINDS = (("all", "All"), ("cpu", "CPU"), ("gpu", "GPU"))
_HEAD = (
    '<thead><tr><th scope="col"><span class="aml-hidden">Chosen</span></th>'
    '<th scope="col">Size</th><th scope="col" class="r">vCPU</th>'
    '<th scope="col" class="r">Memory</th><th scope="col">GPU</th>'
    '<th scope="col" class="r">$ per hour</th><th scope="col">Cores left</th>'
    '<th scope="col" class="r">Usual start</th></tr></thead>'
)


@dataclass(frozen=True)
class Choice:
    """What of the picker its drawing depends on."""

    chosen: str
    nodes: int
    low_priority: bool
    key: str
    """Makes the names of its radio buttons its own."""
    is_live: bool = True
    """False for a picture, in which nothing can be pressed."""
    facts: SizeFacts = field(default_factory=SizeFacts)
    recommended: Recommendation | None = None

    def is_best(self, size: VmSize) -> bool:
        return self.recommended is not None and self.recommended.size == size.name

    def price(self, size: VmSize) -> float | None:
        return size.low_priority_price_per_hour if self.low_priority else size.price_per_hour


def table(sizes: Iterable[VmSize], choice: Choice) -> str:
    rows = "".join(_row(size, choice) for size in sizes)
    role = ' role="grid"' if choice.is_live else ""
    return (
        f'<div class="aml-sizes"><table{role} aria-label="VM sizes">{_HEAD}'
        f"<tbody>{rows}</tbody></table></div>"
    )


def _row(size: VmSize, choice: Choice) -> str:
    name, is_chosen = escape(size.name), size.name == choice.chosen
    why = f"{choice.key}-why-{name}"
    has_more = bool(size.reason) or choice.is_best(size)
    classes = [
        *(["sel"] if is_chosen else []),
        *([] if size.available else ["off"]),
        *(["nb"] if has_more else []),
    ]
    price = choice.price(size)
    live = ""
    if choice.is_live:
        live = (
            f' data-row="{name}" data-key="row/{name}" tabindex="-1" '
            f'aria-selected="{str(is_chosen).lower()}"'
            f' aria-disabled="{str(not size.available).lower()}"'
        )
        live += f' aria-describedby="{why}"' if has_more else ""
    return (
        f'<tr class="{" ".join(classes)}"{live}><td class="radio">{_radio(size, choice)}</td>'
        f'<td>{_name(size, choice)}</td><td class="r">{size.vcpus}</td>'
        f'<td class="r">{size.memory_gb:g} GB</td><td>{escape(words.gpus(size))}</td>'
        f'<td class="r">{"free" if price is None else f"{price:.3f}"}</td>'
        f"<td>{_quota(size, choice)}</td>"
        f'<td class="r">{escape(choice.facts.usual_start(size)) or "–"}</td></tr>'
        f"{_more(size, choice, why)}"
    )


def _name(size: VmSize, choice: Choice) -> str:
    name = escape(words.size_name(size.name))
    return f'{name} <span class="badge">Recommended</span>' if choice.is_best(size) else name


def _quota(size: VmSize, choice: Choice) -> str:
    """Cores left of its quota, as a bar and in numbers."""
    quota = choice.facts.quota(size, low_priority=choice.low_priority)
    if quota is None:
        return "–"
    left, limit = quota
    kind = ' class="err"' if left < size.vcpus else ""
    bar = f'<progress{kind} max="{limit or 1}" value="{left}" aria-label="Cores left"></progress>'
    return f'<span class="quota">{bar}{left} of {limit}</span>'


def _radio(size: VmSize, choice: Choice) -> str:
    """A picture has no controls: what was chosen is marked in text."""
    is_chosen = size.name == choice.chosen
    if not choice.is_live:
        return "●" if is_chosen else ""
    state = " checked" * is_chosen + " disabled" * (not size.available)
    return (
        f'<input type="radio" name="{choice.key}" aria-label="{escape(size.name)}" '
        f'tabindex="-1"{state}>'
    )


def _more(size: VmSize, choice: Choice, why: str) -> str:
    """Why it is the one to take, why it cannot be had and what can, or what a rehearsal gets."""
    best = choice.recommended if choice.is_best(size) else None
    lines = [f"<span>{escape(best.why)}.</span>"] if best else []
    if size.reason:
        lines.append(_reason(size, choice))
    if not lines:
        return ""
    state = "sel" if size.name == choice.chosen else "" if size.available else "off"
    return (
        f'<tr class="why {state}" data-of="{escape(size.name)}"><td></td>'
        f'<td colspan="7" id="{why}"><span class="fx">{"".join(lines)}</span></td></tr>'
    )


def _reason(size: VmSize, choice: Choice) -> str:
    nearest = f" Nearest: {_nearest(size, choice)}" if size.nearest else ""
    reason = size.reason if not nearest or size.reason.endswith(".") else f"{size.reason}."
    lock = "" if size.available else glyph("lock", 12)
    return f"{lock}<span>{escape(reason)}{nearest}</span>"


def _nearest(size: VmSize, choice: Choice) -> str:
    label = escape(words.size_name(size.nearest))
    if not choice.is_live:
        return label
    return (
        f'<button type="button" class="lk" data-choose="{escape(size.nearest)}" '
        f'tabindex="-1">{label}</button>'
    )


def filters(key: str) -> str:
    """The fields above the table; the view fills them in from the traits."""
    radios = "".join(
        f'<label><input type="radio" name="{key}-kind" data-set="kind" value="{value}" '
        f'data-key="kind/{value}">{label}</label>'
        for value, label in _KINDS
    )
    return (
        '<div class="fx aml-filter">'
        '<input type="search" data-set="search" data-key="search" '
        'placeholder="Name, GPU or “16 cores”" aria-label="Search sizes">'
        f'<span class="radios" role="radiogroup" aria-label="Hardware">{radios}</span>'
        '<label class="chk"><input type="checkbox" data-set="only_available" data-key="only">'
        'Only what I can have</label><span class="grow"></span>'
        '<span class="s aml-count"></span></div>'
    )


BUTTONS = (
    '<button type="button" class="lk" data-do="code" data-key="code">Copy as code</button>'
    '<button type="button" class="btn accept md" data-do="use" data-key="use">'
    "Use this size</button>"
)


def cost(size: VmSize | None, choice: Choice) -> str:
    """What so many nodes of it cost; every create says its price first."""
    if size is None:
        return "<span>No size is chosen.</span>"
    price = choice.price(size)
    nodes = "1 node" if choice.nodes == 1 else f"{choice.nodes} nodes at most"
    if price is None:
        return f"<span>{nodes}: <b>free</b>, on this machine</span>"
    hour, day = words.money(price * choice.nodes), words.money(price * choice.nodes * 24)
    would = "would be " if size.rehearsal else ""
    estimated = ", est." if choice.low_priority else ""
    return (
        f'<span>{nodes}: {would}<b class="num">{hour} per hour</b>, '
        f'<span class="num">{day} per day</span>{estimated}</span>'
    )


def text(sizes: list[VmSize], total: int, choice: Choice) -> str:
    head = f"   {'Size':<28}{'vCPU':>5}{'Memory':>9}  {'GPU':<14}{'Price':>10}"
    lines = [f"{len(sizes)} of {total} sizes", f"{head}{'Cores left':>12}  Usual start"]
    for size in sizes:
        price = choice.price(size)
        mark = "*" if size.name == choice.chosen else " " if size.available else "-"
        rate = "free" if price is None else f"${price:.3f}/h"
        name = words.size_name(size.name)
        quota = choice.facts.quota(size, low_priority=choice.low_priority)
        cores = f"{quota[0]} of {quota[1]}" if quota else ""
        lines.append(
            f" {mark} {name:<28}{size.vcpus:>5}{size.memory_gb:>6g} GB  "
            f"{words.gpus(size):<14}{rate:>10}{cores:>12}"
            f"  {choice.facts.usual_start(size)}".rstrip()
        )
        if choice.recommended and choice.is_best(size):
            lines.append(f"   Recommended: {choice.recommended.why}.")
    return "\n".join(lines)
