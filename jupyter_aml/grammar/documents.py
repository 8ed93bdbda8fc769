"""Things as documents for scripts: snake_case builtins, the keys of ``az ml`` (``-o json``)."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

import msgspec

from jupyter_aml.model.compute import Compute
from jupyter_aml.model.job import Job, JobSummary
from jupyter_aml.model.job_document import job_document, summary_document


def document(value: Any) -> Any:
    """`value` (structs, lists and mappings of them) as builtins with snake_case keys."""
    if isinstance(value, Job):
        return job_document(value)
    if isinstance(value, JobSummary):
        return summary_document(value)
    if isinstance(value, Compute):
        return _compute(value)
    if isinstance(value, msgspec.Struct):
        return _struct(value)
    if isinstance(value, Mapping):
        return {str(key): document(item) for key, item in value.items()}
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    if isinstance(value, list | tuple | set | frozenset):
        return [document(item) for item in value]
    return value


def _struct(value: msgspec.Struct) -> dict[str, Any]:
    config = value.__struct_config__
    tag = {config.tag_field: config.tag} if config.tag is not None else {}
    fields = {name: document(getattr(value, name)) for name in value.__struct_fields__}
    return {str(key): item for key, item in tag.items()} | fields


def _compute(compute: Compute) -> dict[str, Any]:
    """What was asked and what is, on one level, as ``az ml compute show`` has it."""
    fields = _struct(compute)
    spec = fields.pop("spec")
    return {"name": spec.pop("name"), **spec, **fields}
