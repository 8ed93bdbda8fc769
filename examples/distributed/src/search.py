"""A search shared by the nodes of one job.

Every process finds RANK, WORLD_SIZE, MASTER_ADDR and MASTER_PORT in its environment, as on
Azure ML. Here they connect by a plain socket of the standard library; PyTorch reads the same
variables.
"""

import argparse
import json
import os
import time
from multiprocessing.connection import Client, Listener
from pathlib import Path

from sklearn.datasets import load_digits
from sklearn.model_selection import cross_val_score
from sklearn.svm import SVC

SETTINGS = [{"C": c, "gamma": g} for c in (1, 3, 10, 30) for g in (0.0003, 0.001, 0.003)]
RANK = int(os.environ["RANK"])
WORLD_SIZE = int(os.environ["WORLD_SIZE"])
MEETING_POINT = (os.environ["MASTER_ADDR"], int(os.environ["MASTER_PORT"]))
SECRET = os.environ["AZUREML_RUN_ID"].encode()


def search(settings):
    """The settings with their accuracy, each said as soon as it is known."""
    data, labels = load_digits(return_X_y=True)
    found = []
    for setting in settings:
        accuracy = float(cross_val_score(SVC(**setting), data, labels, cv=3).mean())
        print(f"node {RANK}: {setting}  accuracy {accuracy:.4f}", flush=True)
        found.append({**setting, "accuracy": accuracy, "node": RANK})
    return found


def collect(found):
    """On node 0: what the others found, added to its own."""
    with Listener(MEETING_POINT, authkey=SECRET) as listener:
        for _ in range(WORLD_SIZE - 1):
            with listener.accept() as connection:
                found += connection.recv()
    return found


def send(found, patience_seconds=60):
    """On every other node. Node 0 may still be searching: try until it listens."""
    deadline = time.monotonic() + patience_seconds
    while True:
        try:
            with Client(MEETING_POINT, authkey=SECRET) as connection:
                connection.send(found)
            return
        except ConnectionRefusedError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


parser = argparse.ArgumentParser()
parser.add_argument("--best", type=Path, required=True)
options = parser.parse_args()

mine = search(SETTINGS[RANK::WORLD_SIZE])
if RANK == 0:
    everything = sorted(collect(mine), key=lambda row: -row["accuracy"])
    options.best.mkdir(parents=True, exist_ok=True)
    (options.best / "search.json").write_text(json.dumps(everything, indent=2), encoding="utf-8")
    print(f"best of {len(everything)} on {WORLD_SIZE} nodes: {everything[0]}")
else:
    send(mine)
