"""Every so many-th row goes into the test set, the others into the training set."""

import argparse
import csv
from pathlib import Path

parser = argparse.ArgumentParser()
parser.add_argument("--flowers", type=Path, required=True)
parser.add_argument("--every", type=int, required=True)
parser.add_argument("--train", type=Path, required=True)
parser.add_argument("--test", type=Path, required=True)
options = parser.parse_args()

with options.flowers.open(newline="") as file:
    head, *rows = csv.reader(file)
parts = {
    options.train: [row for number, row in enumerate(rows) if number % options.every],
    options.test: [row for number, row in enumerate(rows) if not number % options.every],
}
for folder, part in parts.items():
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "flowers.csv").open("w", newline="") as file:
        csv.writer(file).writerows([head, *part])
    print(f"{folder.name}: {len(part)} flowers")
