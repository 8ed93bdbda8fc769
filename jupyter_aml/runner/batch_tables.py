"""``init`` and ``run`` for a model without a script: it reads tables and predicts every row.

For MLflow models, and for an object with ``predict`` that was registered from a notebook. A row of
the output is: row in its file, prediction, name of the file. Files are CSV or parquet.
"""

from __future__ import annotations

import os
import pickle
import sys
import traceback
from typing import Any

_model: Any = None


class Scored:
    """Rows of the files that could be read, and how many files those are."""

    def __init__(self) -> None:
        self.rows: list[Any] = []
        self.scored = 0


def init() -> None:
    global _model
    path = os.environ["JUPYTER_AML_BATCH_MODEL"]
    if _holds(path, "MLmodel"):
        import mlflow.pyfunc

        _model = mlflow.pyfunc.load_model(path)
    else:
        with open(path if os.path.isfile(path) else os.path.join(path, "model.pkl"), "rb") as file:
            _model = pickle.load(file)  # noqa: S301 - the person's own model


def _holds(path: str, name: str) -> bool:
    return os.path.isfile(os.path.join(path, name))


def run(mini_batch: list[str]) -> Scored:
    result = Scored()
    for path in mini_batch:
        name = os.path.basename(path)
        try:
            predicted = _model.predict(_table(path))
        except Exception:  # one file that the model cannot read must not cost the others
            print(f"{name} was not scored:", file=sys.stderr)
            traceback.print_exc()
            continue
        result.rows += [(row, *_fields(value), name) for row, value in enumerate(_plain(predicted))]
        result.scored += 1
    return result


def _table(path: str) -> Any:
    import pandas

    suffix = os.path.splitext(path)[1].lower()
    if suffix in (".parquet", ".pq"):
        return pandas.read_parquet(path)
    if suffix in (".csv", ".tsv", ".txt"):
        return pandas.read_csv(path, sep="\t" if suffix == ".tsv" else ",")
    raise ValueError(f"{os.path.basename(path)} is neither CSV nor parquet: write a scoring script")


def _plain(predicted: Any) -> list[Any]:
    if isinstance(predicted, dict):
        return list(predicted)
    values = getattr(predicted, "values", predicted)
    return values.tolist() if hasattr(values, "tolist") else list(values)


def _fields(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [value]
