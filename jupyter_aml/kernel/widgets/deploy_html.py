"""The deploy form as HTML and as text. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from jupyter_aml.kernel.status import look
from jupyter_aml.kernel.widgets import words
from jupyter_aml.kernel.widgets.markup import button, escape, message, shape_of, state_shape
from jupyter_aml.model.compute import VmSize
from jupyter_aml.model.errors import ErrorBody

MIRROR = 10
"""Percent of the requests that a safe rollout begins with copies of."""
STARTS = (
    (
        "rollout",
        "Safe rollout",
        f"copies of {MIRROR} %, then 10 % live, 50, all; goes back by itself on errors",
    ),
    ("none", "No traffic yet", "I test it first"),
    ("all", "All traffic now", ""),
)


@dataclass(frozen=True)
class Form:
    """What of the widget its drawing depends on."""

    model: str
    endpoint: str
    deployment: str
    size: VmSize | None
    minimum: int
    maximum: int
    start: str
    state: str = ""
    reason: str = ""
    scoring_uri: str = ""
    trouble: str = ""
    error: ErrorBody | None = None
    key: str = ""
    models: tuple[str, ...] = field(default_factory=tuple)
    sizes: tuple[VmSize, ...] = field(default_factory=tuple)


def form(one: Form) -> str:
    """The fields, what it costs, the button; below them how the deployment does."""
    return (
        f'<div class="aml-deploy">{_select("Model", "model", one.model, one.models)}'
        f"{_text('Endpoint', 'endpoint', one.endpoint)}"
        f"{_text('Deployment name', 'deployment', one.deployment)}"
        f"{_sizes(one)}{_number('Instances, min', 'min_instances', one.minimum, 0)}"
        f"{_number('Instances, max', 'max_instances', one.maximum, 1)}</div>"
        f'<fieldset class="aml-plain"><legend>How it receives traffic</legend>{_starts(one)}'
        f"</fieldset>{price(one)}{_foot(one)}{status(one)}"
    )


def picture(one: Form) -> str:
    """What was asked for, and how it went."""
    return (
        f'<div class="fx"><b>{escape(one.model)}</b><span>on {escape(one.endpoint)}, '
        f"{escape(one.deployment)}</span></div>{price(one)}{status(one)}"
    )


def text(one: Form) -> str:
    lines = [f"Deploy {one.model} as {one.deployment} on {one.endpoint}", price_words(one)]
    if one.state:
        lines.append(f"{look(one.state).word}{': ' if one.reason else ''}{one.reason}")
    if one.error is not None:
        lines.append(one.error.message)
    return "\n".join([*lines, *([one.scoring_uri] if one.scoring_uri else [])])


def price_words(one: Form) -> str:
    """What it would cost in Azure, at its least and its most; every create says its price first."""
    each = one.size.price_per_hour if one.size else None
    if each is None:
        return "Free: it runs on this machine."
    least, most = words.money(each * one.minimum), words.money(each * one.maximum)
    amount = most if one.minimum == one.maximum else f"{least} to {most}"
    return f"{amount} per hour in Azure, would be; here nothing is charged."


def price(one: Form) -> str:
    return f'<div class="aml-box s" role="status">{escape(price_words(one))}</div>'


def status(one: Form) -> str:
    """How the deployment does; nothing before it was asked for."""
    if one.error is not None:
        error = one.error
        details = "\n".join(error.details)
        return message(error.message, error.target, error.hint, details)
    if not one.state:
        return ""
    where = (
        f'<span class="aml-cmd"><span class="text">{escape(one.scoring_uri)}</span></span>'
        if one.scoring_uri
        else ""
    )
    return (
        f'<div class="fx" role="status"><span class="state">'
        f"{state_shape(shape_of(one.state))}{escape(look(one.state).word)}</span>"
        f'<span class="s">{escape(one.reason)}</span></div>{where}'
    )


def _foot(one: Form) -> str:
    trouble = f'<span class="s">{escape(one.trouble)}</span>' if one.trouble else ""
    return (
        f'<div class="fx">{trouble}<span class="grow"></span>'
        f"{button('Copy as code', 'code')}{button('Deploy', 'deploy', kind='accept')}</div>"
    )


def _text(label: str, trait: str, value: str) -> str:
    return (
        f'<label class="field"><span>{label}</span><input data-set="{trait}" '
        f'data-key="{trait}" value="{escape(value)}"></label>'
    )


def _number(label: str, trait: str, value: int, least: int) -> str:
    return (
        f'<label class="field"><span>{label}</span><input type="number" min="{least}" max="50" '
        f'data-set="{trait}" data-key="{trait}" value="{value}"></label>'
    )


def _select(label: str, trait: str, value: str, options: Iterable[str]) -> str:
    drawn = "".join(
        f'<option value="{escape(one)}"{" selected" if one == value else ""}>{escape(one)}</option>'
        for one in options
    )
    return (
        f'<label class="field"><span>{label}</span>'
        f'<select data-set="{trait}" data-key="{trait}">{drawn}</select></label>'
    )


def _sizes(one: Form) -> str:
    chosen = one.size.name if one.size else ""
    drawn = "".join(_size(size, chosen) for size in one.sizes)
    return (
        '<label class="field"><span>Size</span><select data-set="instance_type" '
        f'data-key="instance_type">{drawn}</select></label>'
    )


def _size(size: VmSize, chosen: str) -> str:
    each = size.price_per_hour
    cost = "free" if each is None else f"{words.money(each, 3)} per hour"
    said = f"{words.size_name(size.name)}, {size.vcpus} vCPU, {size.memory_gb:g} GB, {cost}"
    state = " selected" * (size.name == chosen) + " disabled" * (not size.available)
    return f'<option value="{escape(size.name)}"{state}>{escape(said)}</option>'


def _starts(one: Form) -> str:
    return "".join(
        f'<label class="chk"><input type="radio" name="{one.key}-start" data-set="start" '
        f'data-key="start/{value}" value="{value}"{" checked" if value == one.start else ""}>'
        f"<span><b>{label}</b>{': ' if more else ''}{more}</span></label>"
        for value, label, more in STARTS
    )
