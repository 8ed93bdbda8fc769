"""One line of the result for each table: its name, and how often each kind is in it."""

import os
from pathlib import Path

import joblib
import pandas


def init():
    """Once in each process."""
    global model
    [path] = Path(os.environ["AZUREML_MODEL_DIR"]).rglob("*.joblib")
    model = joblib.load(path)


def run(mini_batch):
    """For some files at a time."""
    found = []
    for path in mini_batch:
        kinds = model.predict(pandas.read_csv(path).to_numpy()).tolist()
        found.append(
            f"{Path(path).name},{len(kinds)},{kinds.count(0)},{kinds.count(1)},{kinds.count(2)}"
        )
    return found
