"""Train a forest on the part to learn from."""

import argparse
from pathlib import Path

import joblib
import pandas
from sklearn.ensemble import RandomForestClassifier

parser = argparse.ArgumentParser()
parser.add_argument("--parts", type=Path, required=True)
parser.add_argument("--trees", type=int, required=True)
parser.add_argument("--model", type=Path, required=True)
options = parser.parse_args()

rows = pandas.read_csv(options.parts / "train.csv")
forest = RandomForestClassifier(n_estimators=options.trees, random_state=7)
forest.fit(rows.iloc[:, :-1].to_numpy(), rows.iloc[:, -1].to_numpy())
options.model.mkdir(parents=True, exist_ok=True)
joblib.dump(forest, options.model / "forest.joblib")
print(f"{options.trees} trees on {len(rows)} rows")
