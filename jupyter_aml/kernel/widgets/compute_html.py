"""The computes of a workspace as HTML and as text. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from jupyter_aml.grammar import phrases
from jupyter_aml.kernel.status import look
from jupyter_aml.kernel.widgets import words
from jupyter_aml.kernel.widgets.markup import button, escape, shape_of, state_shape
from jupyter_aml.model.compute import AmlCompute, Compute, ComputeInstance, LocalCompute
from jupyter_aml.model.lifecycle import INSTANCE


@dataclass(frozen=True)
class Look:
    """What of the panel its drawing depends on."""

    selected: str
    asking: str = ""
    """The compute that a person is asked about before it is stopped."""
    stale_since: str = ""
    is_live: bool = True


def table(computes: Iterable[Compute], shown: Look) -> str:
    rows = "".join(_row(compute, shown) for compute in computes)
    head = (
        '<thead><tr><th scope="col">Compute</th><th scope="col">State</th>'
        '<th scope="col" class="r">$ per hour</th>'
        + ('<th scope="col"><span class="aml-hidden">Action</span></th>' if shown.is_live else "")
        + "</tr></thead>"
    )
    role = ' role="grid"' if shown.is_live else ""
    return f'<table{role} aria-label="Compute">{head}<tbody>{rows}</tbody></table>'


def state(compute: Compute) -> tuple[str, str]:
    """Shape and word, as the side panel has them."""
    spec, is_busy = compute.spec, compute.running_jobs > 0
    if isinstance(spec, AmlCompute) and compute.state == "Resizing":
        nodes = f"{compute.current_nodes} to {compute.target_nodes} of {spec.max_instances}"
        return "preparing", f"Scaling {nodes}"
    if isinstance(spec, LocalCompute) or compute.state == "Steady":
        return ("running", "Running") if is_busy else ("idle", "Idle")
    return shape_of(compute.state), look(compute.state).word


def detail(compute: Compute) -> str:
    spec = compute.spec
    if compute.error or compute.reason:
        return compute.error or compute.reason
    jobs = phrases.plural(compute.running_jobs, "job") if compute.running_jobs else ""
    waiting = f"{compute.queued_jobs} waiting" if compute.queued_jobs else ""
    nodes = ""
    if isinstance(spec, AmlCompute):
        nodes = f"{compute.current_nodes} of {spec.max_instances} nodes"
    elif isinstance(spec, LocalCompute) and not jobs:
        nodes = "this machine, always there"
    return ", ".join(part for part in (nodes, jobs, waiting) if part)


def price(compute: Compute) -> str:
    """What is up now; what costs nothing says so."""
    if isinstance(compute.spec, LocalCompute) or compute.price_per_hour is None:
        return "free"
    return f"{compute.price_per_hour:.3f}" if compute.price_per_hour else "0"


def summary(computes: Iterable[Compute], shown: Look) -> str:
    """What costs is on top; rehearsal money is always "would be"."""
    rate = sum(compute.price_per_hour or 0 for compute in computes)
    would = any(compute.rehearsal for compute in computes if compute.price_per_hour)
    words_ = f"{words.money(rate)} per hour" if rate else "Free"
    note = " would be, in Azure" if would else "" if rate else " nothing that costs is up"
    old = f"not heard of since {shown.stale_since}" if shown.stale_since else ""
    return (
        f'<div class="fx aml-wrap"><b class="num">{words_}</b><span class="s">{note}</span>'
        f'<span class="grow"></span><span class="s">{escape(old)}</span></div>'
    )


def _row(compute: Compute, shown: Look) -> str:
    name = escape(compute.name)
    is_selected = compute.name == shown.selected
    shape, word = state(compute)
    if shown.stale_since:
        shape, word = "stale", f"Unknown, was {word}"
    tag = f' <span class="badge">{escape(words.size_tag(compute.spec.size))}</span>'
    more = escape(detail(compute))
    action = f'<td class="aml-act">{_action(compute, shown)}</td>' if shown.is_live else ""
    live = ""
    if shown.is_live:
        selected = str(is_selected).lower()
        live = f' data-row="{name}" data-key="row/{name}" tabindex="-1" aria-selected="{selected}"'
    return (
        f'<tr class="{"sel" if is_selected else ""}"{live}>'
        f"<td>{name}{tag if compute.spec.size else ''}</td>"
        f'<td><span class="state">{state_shape(shape)}{escape(word)}</span> '
        f'<span class="s">{more}</span></td>'
        f'<td class="r">{price(compute)}</td>{action}</tr>{_question(compute, shown)}'
    )


def _action(compute: Compute, shown: Look) -> str:
    """The one action that is always visible: an instance starts and stops."""
    if not isinstance(compute.spec, ComputeInstance) or shown.stale_since:
        return ""
    if shown.asking == compute.name:
        return ""
    moves = INSTANCE.moves.get(compute.state, frozenset())
    if "Stopping" in moves:
        return button("Stop…", "ask", name=compute.name, icon="stop")
    if "Starting" in moves:
        return button("Start", "start", name=compute.name, icon="play")
    return ""


def _question(compute: Compute, shown: Look) -> str:
    """Only what destroys is asked about; the safe button comes first."""
    if shown.asking != compute.name or not shown.is_live:
        return ""
    jobs = compute.running_jobs
    lost = f", cancel {phrases.plural(jobs, 'job')}" if jobs else ""
    name = escape(compute.name)
    keep = button(f"Keep {compute.name}", "keep", name=compute.name)
    safe = keep.replace("<button ", "<button data-focus ", 1)
    stop = button(f"Stop{lost}", "stop", name=compute.name, kind="danger")
    return (
        f'<tr class="why" data-of="{name}"><td colspan="4"><span class="fx" role="group" '
        f'aria-label="Stop {name}?">Stop {name}?<span class="grow"></span>{safe}{stop}</span>'
        "</td></tr>"
    )


def text(computes: Iterable[Compute], shown: Look) -> str:
    lines = [f"   {'Compute':<24}{'State':<28}{'$ per hour':>10}"]
    for compute in computes:
        mark = "*" if compute.name == shown.selected else " "
        word = state(compute)[1]
        more = detail(compute)
        lines.append(f" {mark} {compute.name:<24}{word:<28}{price(compute):>10}  {more}".rstrip())
    return "\n".join(lines)
