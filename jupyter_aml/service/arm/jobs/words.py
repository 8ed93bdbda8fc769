"""ARM's enumerations of jobs and ours, both ways."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jupyter_aml.model.errors import Invalid

INPUT_MODES = {
    "ro_mount": "ReadOnlyMount",
    "download": "Download",
    "direct": "Direct",
    "eval_mount": "EvalMount",
    "eval_download": "EvalDownload",
}
OUTPUT_MODES = {"rw_mount": "ReadWriteMount", "upload": "Upload", "direct": "Direct"}
DISTRIBUTIONS = {"pytorch": "PyTorch", "tensorflow": "TensorFlow", "mpi": "Mpi"}
TYPES = ("uri_file", "uri_folder", "mltable", "mlflow_model", "custom_model", "triton_model")
LITERAL = "literal"


def ours(table: Mapping[str, str], word: str, target: str, *, hint: str = "") -> Any:
    """Our word for ARM's `word`. Raises `Invalid` about `target` for one that has none."""
    for mine, theirs in table.items():
        if word.casefold() == theirs.casefold():
            return mine
    raise Invalid(
        f"{word!r} is not possible at {target}.",
        target=target,
        hint=hint or f"One of {', '.join(table.values())}.",
    )


def kind(word: str, target: str) -> Any:
    """The type of an input or output. ARM has two ways to write them: UriFolder, uri_folder."""
    plain = word.replace("_", "").casefold()
    for one in TYPES:
        if plain == one.replace("_", ""):
            return one
    raise Invalid(
        f"{word!r} is not possible at {target}.", target=target, hint=f"One of {', '.join(TYPES)}."
    )
