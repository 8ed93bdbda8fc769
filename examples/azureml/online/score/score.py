"""Answers with the kind of each wine that a request describes."""

import json
import os
from pathlib import Path

import joblib


def init():
    """Once in each instance: load the model that the deployment names."""
    global model
    [path] = Path(os.environ["AZUREML_MODEL_DIR"]).rglob("*.joblib")
    model = joblib.load(path)
    print(f"loaded {path.name}")


def run(body):
    """For each request."""
    rows = json.loads(body)["data"]
    return {"kinds": model.predict(rows).tolist(), "model": type(model).__name__}
