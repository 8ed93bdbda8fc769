"""How many flowers of the test set the model gets right, and whether that is good enough."""

import argparse
import csv
import json
import math
from pathlib import Path

parser = argparse.ArgumentParser()
parser.add_argument("--model", type=Path, required=True)
parser.add_argument("--data", type=Path, required=True)
parser.add_argument("--least", type=float, required=True)
parser.add_argument("--report", type=Path, required=True)
parser.add_argument("--good", type=Path, required=True)
options = parser.parse_args()

means = json.loads((options.model / "means.json").read_text())
with (options.data / "flowers.csv").open(newline="") as file:
    rows = list(csv.DictReader(file))
right = 0
for row in rows:
    species = row.pop("species")
    found = [float(value) for value in row.values()]
    right += min(means, key=lambda name: math.dist(means[name], found)) == species
accuracy = right / len(rows)
options.report.write_text(json.dumps({"accuracy": accuracy, "flowers": len(rows)}))
options.good.write_text(str(accuracy >= options.least))
print(f"{right} of {len(rows)} right: {accuracy:.1%}")
