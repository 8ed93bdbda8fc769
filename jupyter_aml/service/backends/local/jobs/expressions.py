"""``${{inputs.x}}``, ``${{outputs.y}}`` and optional ``$[[--a ${{inputs.a}}]]`` of a command.

Source: Azure ML's expression rules for jobs (client and server expressions). Values are put in
as they are: quoting is the author's, as in Azure.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from jupyter_aml.model.errors import Invalid

_EXPRESSION = re.compile(r"\$\{\{\s*([^}]*?)\s*\}\}")
_OPTIONAL = re.compile(r"\$\[\[(.*?)\]\]", re.DOTALL)


def resolve(text: str, values: Mapping[str, str], *, unset: frozenset[str] = frozenset()) -> str:
    """`text` with every expression replaced.

    `values` maps ``inputs.x``, ``outputs.y``, ``search_space.z`` and ``name`` to what stands for
    them; `unset` holds names of optional inputs without a value. Raises `Invalid` naming an
    unknown expression.
    """

    def optional(match: re.Match[str]) -> str:
        inner = match.group(1)
        names = {m.group(1) for m in _EXPRESSION.finditer(inner)}
        if names & unset or names - values.keys():
            return ""
        return inner

    def value(match: re.Match[str]) -> str:
        name = match.group(1)
        if name not in values:
            known = ", ".join(sorted(values)) or "none"
            raise Invalid(
                f"${{{{{name}}}}} stands for nothing in this job.",
                target="command",
                hint=f"Known here: {known}. Declare it under inputs or outputs.",
            )
        return values[name]

    return _EXPRESSION.sub(value, _OPTIONAL.sub(optional, text))


def check(
    text: str,
    inputs: Mapping[str, object],
    outputs: Mapping[str, object],
    parameters: Mapping[str, object],
) -> None:
    """Raise `Invalid` for an expression that `resolve` would refuse when the job runs."""
    groups = {"inputs": inputs, "outputs": outputs, "search_space": parameters}
    names = {f"{group}.{key}": "" for group, keys in groups.items() for key in keys}
    resolve(text, names | {"name": ""})
