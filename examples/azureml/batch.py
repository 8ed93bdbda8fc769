"""Tables are sent to a batch endpoint; the answer is a job, and its result a file."""

import json
import sys
import tempfile
from pathlib import Path

import joblib
import pandas
from azure.ai.ml import Input, load_batch_deployment, load_batch_endpoint
from azure.ai.ml.entities import Model
from sklearn.ensemble import RandomForestClassifier
from workspace import HERE, connect, prepare

ml_client = connect()
prepare(ml_client)
FOLDER = HERE / "batch"
rows = pandas.read_csv(HERE / "data" / "wine.csv")

with tempfile.TemporaryDirectory() as folder:
    forest = RandomForestClassifier(n_estimators=20)
    forest.fit(rows.iloc[:, :-1].to_numpy(), rows.iloc[:, -1].to_numpy())
    joblib.dump(forest, Path(folder) / "model.joblib")
    ml_client.models.create_or_update(Model(name="wine-batch", path=folder))

endpoint = load_batch_endpoint(FOLDER / "endpoint.yml")
ml_client.batch_endpoints.begin_create_or_update(endpoint).result()
deployment = load_batch_deployment(FOLDER / "deployment.yml")
ml_client.batch_deployments.begin_create_or_update(deployment).result()
endpoint = ml_client.batch_endpoints.get(endpoint.name)
endpoint.defaults.deployment_name = deployment.name
ml_client.batch_endpoints.begin_create_or_update(endpoint).result()

with tempfile.TemporaryDirectory() as folder:
    for number in range(3):
        table = rows.iloc[number::3, :-1]
        table.to_csv(Path(folder) / f"cellar-{number}.csv", index=False)
    call = ml_client.batch_endpoints.invoke(
        endpoint_name=endpoint.name, input=Input(type="uri_folder", path=folder)
    )
ml_client.jobs.stream(call.name)

with tempfile.TemporaryDirectory() as folder:
    [scoring] = ml_client.jobs.list(parent_job_name=call.name)
    ml_client.jobs.download(scoring.name, download_path=folder, output_name="score")
    [path] = Path(folder).rglob("kinds.csv")
    lines = sorted(path.read_text().split())
jobs = [job.name for job in ml_client.batch_endpoints.list_jobs(endpoint.name)]
ml_client.batch_endpoints.begin_delete(endpoint.name).result()

json.dump({"lines": lines, "jobs": len(jobs)}, sys.stdout)
