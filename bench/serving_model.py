"""The model of speed.md's serving rows, and the script that every server of it runs."""

from __future__ import annotations

import pickle
import socket
import subprocess
import time
import urllib.request
from pathlib import Path

BODY = '{"data": [[5.1, 3.5, 1.4, 0.2]]}'
KEY = "bench-key-0123456789"
HEADERS = {"Content-Type": "application/json", "Authorization": f"Bearer {KEY}"}
SCORE = """\
import json
import os
import pickle

import numpy


def init():
    global model
    with open(os.path.join(os.environ["AZUREML_MODEL_DIR"], "model.pkl"), "rb") as file:
        model = pickle.load(file)


def run(data):
    rows = numpy.asarray(json.loads(data)["data"])
    return model.predict(rows).tolist()


def run_batch(requests):
    tables = [json.loads(data)["data"] for data in requests]
    found = model.predict(numpy.asarray([row for table in tables for row in table])).tolist()
    answers, start = [], 0
    for table in tables:
        answers.append(found[start : start + len(table)])
        start += len(table)
    return answers
"""
NOTHING = """\
def init():
    pass


def run(data):
    return [0]
"""
_READY_SECONDS = 90.0


def write(folder: Path, script: str = SCORE) -> None:
    """A code folder with score.py and a model folder with model.pkl."""
    from sklearn.datasets import load_iris
    from sklearn.linear_model import LogisticRegression

    (folder / "code").mkdir(parents=True)
    (folder / "model").mkdir()
    (folder / "code" / "score.py").write_text(script)
    iris = load_iris()
    model = LogisticRegression(max_iter=1000).fit(iris.data, iris.target)
    (folder / "model" / "model.pkl").write_bytes(pickle.dumps(model))


def free_port() -> int:
    """A port of the loopback that nobody has now."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    """Until somebody listens. Raise RuntimeError if the process ends first, or it takes long."""
    until = time.monotonic() + _READY_SECONDS
    while time.monotonic() < until and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError("the server did not come up; see the log")


def wait_healthy(port: int) -> None:
    """Until `GET /` answers 200. Raise RuntimeError if that takes long."""
    until = time.monotonic() + _READY_SECONDS
    while time.monotonic() < until:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError("no instance became ready; see the log")
