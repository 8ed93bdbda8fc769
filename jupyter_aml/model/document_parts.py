"""Pieces of documents that jobs and components share: keys and shapes of ``az ml`` YAML."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from jupyter_aml.model.spec import Distribution, Input, InputValue, Output


def distribution_document(distribution: Distribution) -> dict[str, Any]:
    if distribution.type == "tensorflow":
        return {
            "type": "tensorflow",
            "worker_count": distribution.worker_count,
            "parameter_server_count": distribution.parameter_server_count,
        }
    return {
        "type": distribution.type,
        "process_count_per_instance": distribution.process_count_per_instance,
    }


def whole(seconds: float) -> int | float:
    return int(seconds) if seconds == int(seconds) else seconds


def input_document(value: InputValue) -> Any:
    if isinstance(value, Input):
        where = value.reference or value.path
        kind = {} if value.type is None else {"type": value.type}
        return {**kind, "path": where, "mode": value.mode}
    return value


def output_document(output: Output, path: str) -> dict[str, Any]:
    """`path` is where it lies, when that is known."""
    fields = {"type": output.type, "mode": output.mode}
    where = output.reference or path or output.path
    named = {key: value for key in ("name", "version") if (value := getattr(output, key))}
    return {**fields, "path": where, **named} if where else {**fields, **named}


def named(structs: Mapping[str, msgspec.Struct]) -> dict[str, Any]:
    return {name: given(struct) for name, struct in structs.items()}


def given(struct: msgspec.Struct) -> dict[str, Any]:
    """Its kind and fields, in Azure's spelling, without those that are None."""
    kind = struct.__struct_config__.tag
    fields = {} if kind is None else {"type": kind}
    values = msgspec.structs.asdict(struct).items()
    return fields | {name: value for name, value in values if value is not None}
