"""Two deployments behind one URL: blue answers, green is tried on a tenth, then takes over."""

import json
import sys
import tempfile
from pathlib import Path

import joblib
import pandas
from azure.ai.ml import load_online_deployment, load_online_endpoint
from azure.ai.ml.entities import Model
from sklearn.ensemble import RandomForestClassifier
from sklearn.tree import DecisionTreeClassifier
from workspace import HERE, connect, prepare

ml_client = connect()
prepare(ml_client)
FOLDER = HERE / "online"
rows = pandas.read_csv(HERE / "data" / "wine.csv")
features, kind = rows.iloc[:, :-1].to_numpy(), rows.iloc[:, -1].to_numpy()

for color, learner in (
    ("blue", DecisionTreeClassifier(max_depth=3)),
    ("green", RandomForestClassifier(n_estimators=20)),
):
    with tempfile.TemporaryDirectory() as folder:
        joblib.dump(learner.fit(features, kind), Path(folder) / "model.joblib")
        ml_client.models.create_or_update(Model(name=f"wine-{color}", path=folder))

endpoint = load_online_endpoint(FOLDER / "endpoint.yml")
ml_client.online_endpoints.begin_create_or_update(endpoint).result()
ml_client.online_deployments.begin_create_or_update(
    load_online_deployment(FOLDER / "blue.yml")
).result()
endpoint.traffic = {"blue": 100}
ml_client.online_endpoints.begin_create_or_update(endpoint).result()

with tempfile.TemporaryDirectory() as folder:
    request = Path(folder) / "request.json"
    request.write_text(json.dumps({"data": features[::60].tolist()}))
    first = json.loads(ml_client.online_endpoints.invoke("wine", request_file=str(request)))

    ml_client.online_deployments.begin_create_or_update(
        load_online_deployment(FOLDER / "green.yml")
    ).result()
    tried = json.loads(
        ml_client.online_endpoints.invoke(
            "wine", request_file=str(request), deployment_name="green"
        )
    )

endpoint.traffic = {"blue": 90, "green": 10}
ml_client.online_endpoints.begin_create_or_update(endpoint).result()
endpoint.traffic = {"blue": 0, "green": 100}
now = ml_client.online_endpoints.begin_create_or_update(endpoint).result().traffic
print(ml_client.online_deployments.get_logs("green", "wine", lines=20))
ml_client.online_deployments.begin_delete("blue", "wine").result()
ml_client.online_endpoints.begin_delete("wine").result()

json.dump({"first": first, "tried": tried, "traffic": now}, sys.stdout)
