"""Train a tree on a table whose last column is the class; log its accuracy, keep the model."""

import argparse
import os
from pathlib import Path

import joblib
import mlflow
import pandas
from sklearn.model_selection import train_test_split
from sklearn.tree import DecisionTreeClassifier

parser = argparse.ArgumentParser()
parser.add_argument("--table", type=Path, required=True)
parser.add_argument("--depth", type=int, default=3)
parser.add_argument("--leaf", type=float, default=0.01, help="the least share of rows in a leaf")
parser.add_argument("--model", type=Path, required=True)
options = parser.parse_args()

print(os.environ.get("GREETING", ""))
rows = pandas.read_csv(options.table)
features, kind = rows.iloc[:, :-1], rows.iloc[:, -1]
train, test, train_kind, test_kind = train_test_split(
    features, kind, test_size=0.3, random_state=7, stratify=kind
)
tree = DecisionTreeClassifier(
    max_depth=options.depth, min_samples_leaf=options.leaf, random_state=7
)
tree.fit(train.to_numpy(), train_kind.to_numpy())
accuracy = float(tree.score(test.to_numpy(), test_kind.to_numpy()))
mlflow.log_metric("accuracy", accuracy)

options.model.mkdir(parents=True, exist_ok=True)
joblib.dump(tree, options.model / "tree.joblib")
print(f"depth {options.depth}: accuracy {accuracy:.3f} on {len(test)} rows")
