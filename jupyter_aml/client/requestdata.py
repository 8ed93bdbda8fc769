"""Rows of a notebook as a request in JSON, without importing numpy or pandas.

Used by `online_endpoints.invoke`, by ``--request-data`` and for the sample of a model.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, cast

from jupyter_aml.model.errors import Invalid


def request_of(value: object) -> str:
    """``{"input_data": [[5.1, 3.5]]}`` for rows: a list, an array, a data frame.

    That is Azure ML's form for models without a script of their own. Text that is JSON, and
    dictionaries, are taken as they are. Raise ValueError or TypeError for what JSON cannot say.
    """
    if isinstance(value, (bytes, bytearray)):
        value = bytes(value).decode()
    if isinstance(value, str):
        json.loads(value)
        return value
    if isinstance(value, dict):
        return json.dumps(_plain(value), allow_nan=False)
    return json.dumps({"input_data": _plain(value)}, allow_nan=False)


def request_file(path: str) -> str:
    """The JSON of the file `path`. Raise `Invalid` for a file that holds none."""
    try:
        text = Path(path).expanduser().read_text(encoding="utf-8")
        json.loads(text)
    except (OSError, ValueError) as error:
        raise Invalid(
            f"{path!r} is no JSON file: {getattr(error, 'strerror', None) or error}.",
            target=path,
            hint='Write a request into a file, as in {"input_data": [[5.1, 3.5, 1.4, 0.2]]}.',
        ) from None
    return text


def _plain(value: Any) -> Any:
    if hasattr(value, "columns") and hasattr(value, "to_dict"):
        table = value.to_dict(orient="split")
        return {
            "columns": [str(column) for column in table["columns"]],
            "data": _plain(table["data"]),
        }
    if hasattr(value, "tolist"):
        return value.tolist()
    if isinstance(value, dict):
        named = cast("dict[Any, Any]", value)
        return {str(key): _plain(part) for key, part in named.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(part) for part in cast("list[Any]", value)]
    return value.isoformat() if hasattr(value, "isoformat") else value
