"""What of ARM's JSON our words do not say, so that it can be given back as it was sent.

The state of the compatible API is the domain's. A field that has no counterpart there is kept
with the thing (`JobFields.azure`), and laid over the translation when the thing is told again.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

Json = dict[str, Any]


def without_nulls(value: Any) -> Any:
    """`value` without the fields that are null: for ARM they are not there."""
    if isinstance(value, dict):
        fields = cast("Json", value)
        return {name: without_nulls(one) for name, one in fields.items() if one is not None}
    if isinstance(value, list):
        return [without_nulls(one) for one in cast("list[Any]", value)]
    return value


def remainder(sent: Mapping[str, Any], said: Mapping[str, Any]) -> Json:
    """The part of `sent` that is not in `said`, the translation of our own words for it."""
    found: Json = {}
    for name, value in sent.items():
        known = said.get(name)
        if isinstance(value, dict) and isinstance(known, dict):
            inner = remainder(cast("Json", value), cast("Json", known))
            if inner:
                found[name] = inner
        elif value is not None and not _same(cast("object", value), known):
            found[name] = value
    return found


def restored(said: Mapping[str, Any], kept: Mapping[str, Any]) -> Json:
    """`said` with what was `kept`: the other way round of `remainder`."""
    found = dict(said)
    for name, value in kept.items():
        known = found.get(name)
        if isinstance(value, dict) and isinstance(known, dict):
            found[name] = restored(cast("Json", known), cast("Json", value))
        else:
            found[name] = value
    return found


def _same(sent: object, said: object) -> bool:
    """The SDK writes words of enumerations in another case than the API: that is no difference."""
    if isinstance(sent, str) and isinstance(said, str):
        return sent.casefold() == said.casefold()
    return sent == said
