"""Reads one column of a CSV file, writes what it found into the output folder."""

import argparse
import csv
import json
import statistics
from pathlib import Path

parser = argparse.ArgumentParser()
parser.add_argument("--table", type=Path, required=True)
parser.add_argument("--column", required=True)
parser.add_argument("--report", type=Path, required=True)
options = parser.parse_args()

with options.table.open(newline="", encoding="utf-8") as file:
    values = [float(row[options.column]) for row in csv.DictReader(file)]

summary = {
    "rows": len(values),
    "mean": statistics.mean(values),
    "largest": max(values),
}
options.report.mkdir(parents=True, exist_ok=True)
(options.report / "summary.json").write_text(json.dumps(summary, indent=2), encoding="utf-8")
print(json.dumps(summary, indent=2))
