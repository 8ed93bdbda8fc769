"""Ask the model about the part that it has not seen."""

import argparse
import json
from pathlib import Path

import joblib
import pandas

parser = argparse.ArgumentParser()
parser.add_argument("--parts", type=Path, required=True)
parser.add_argument("--model", type=Path, required=True)
parser.add_argument("--report", type=Path, required=True)
options = parser.parse_args()

rows = pandas.read_csv(options.parts / "test.csv")
forest = joblib.load(options.model / "forest.joblib")
accuracy = forest.score(rows.iloc[:, :-1].to_numpy(), rows.iloc[:, -1].to_numpy())
report = {"rows": len(rows), "accuracy": round(float(accuracy), 3)}
options.report.mkdir(parents=True, exist_ok=True)
(options.report / "report.json").write_text(json.dumps(report), encoding="utf-8")
print(report)
