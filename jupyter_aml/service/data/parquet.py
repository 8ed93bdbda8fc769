"""The first rows of parquet files, read by a process of their own.

pyarrow is large, is not among what the service needs, and reads files of unknown origin: it is
imported neither here nor in the service.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

_SECONDS = 30
_READER = """
import json, sys
try:
    import pyarrow.parquet as pq
except ImportError:
    sys.exit(3)
columns, rows, most, truncated = [], [], int(sys.argv[1]), False
for path in sys.argv[2:]:
    file = pq.ParquetFile(path)
    columns = columns or file.schema_arrow.names
    for batch in file.iter_batches(batch_size=most):
        for row in batch.to_pylist():
            rows.append(["" if row.get(c) is None else str(row.get(c)) for c in columns])
            if len(rows) == most:
                break
        if len(rows) == most:
            break
    truncated = truncated or file.metadata.num_rows > len(rows)
    if len(rows) == most:
        break
json.dump({"columns": columns, "rows": rows, "truncated": truncated}, sys.stdout)
"""


@dataclass(frozen=True)
class Head:
    columns: list[str]
    rows: list[list[str]]
    truncated: bool


def head(files: Sequence[Path], most: int) -> Head | str:
    """Up to `most` rows; or why there are none, in words. Blocks up to half a minute."""
    words = [sys.executable, "-I", "-c", _READER, str(most), *map(str, files)]
    try:
        done = subprocess.run(
            words, capture_output=True, timeout=_SECONDS, check=False, stdin=subprocess.DEVNULL
        )
    except (OSError, subprocess.TimeoutExpired):
        return "The parquet file could not be read in time."
    if done.returncode == 3:
        return "Rows of parquet files are shown where pyarrow is installed beside the service."
    try:
        return msgspec.json.decode(done.stdout, type=Head)
    except msgspec.DecodeError:
        why = done.stderr.decode("utf-8", "replace").strip().splitlines()
        return f"The parquet file cannot be read: {why[-1][:200] if why else 'no reason given'}."
