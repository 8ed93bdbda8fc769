"""The mean of each species' measures is the model: a flower goes to the nearest."""

import argparse
import csv
import json
from pathlib import Path

parser = argparse.ArgumentParser()
parser.add_argument("--data", type=Path, required=True)
parser.add_argument("--model", type=Path, required=True)
options = parser.parse_args()

flowers: dict[str, list[list[float]]] = {}
with (options.data / "flowers.csv").open(newline="") as file:
    for row in csv.DictReader(file):
        species = row.pop("species")
        flowers.setdefault(species, []).append([float(value) for value in row.values()])
means = {
    species: [sum(column) / len(rows) for column in zip(*rows, strict=True)]
    for species, rows in flowers.items()
}
options.model.mkdir(parents=True, exist_ok=True)
(options.model / "means.json").write_text(json.dumps(means, indent=2))
print(f"learnt {', '.join(means)}")
