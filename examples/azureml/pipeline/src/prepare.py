"""Split a table into a part to learn from and a part to test with."""

import argparse
from pathlib import Path

import pandas

parser = argparse.ArgumentParser()
parser.add_argument("--table", type=Path, required=True)
parser.add_argument("--share", type=float, required=True, help="of the rows, for the test")
parser.add_argument("--parts", type=Path, required=True)
options = parser.parse_args()

rows = pandas.read_csv(options.table).sample(frac=1, random_state=7)
test = int(len(rows) * options.share)
options.parts.mkdir(parents=True, exist_ok=True)
rows[:test].to_csv(options.parts / "test.csv", index=False)
rows[test:].to_csv(options.parts / "train.csv", index=False)
print(f"{len(rows) - test} rows to learn from, {test} to test with")
