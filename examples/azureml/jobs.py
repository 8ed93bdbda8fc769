"""A command job and a sweep of it, from their YAML files; the model that came out, registered."""

import json
import sys
import tempfile
from pathlib import Path

from azure.ai.ml import load_job
from azure.ai.ml.constants import AssetTypes
from azure.ai.ml.entities import Model
from workspace import HERE, connect, prepare

ml_client = connect()
prepare(ml_client)

job = ml_client.jobs.create_or_update(load_job(HERE / "command" / "job.yml"))
ml_client.jobs.stream(job.name)

model = ml_client.models.create_or_update(
    Model(
        name="wine-tree",
        path=f"azureml://jobs/{job.name}/outputs/model",
        type=AssetTypes.CUSTOM_MODEL,
        description="Made by a command job.",
    )
)
print(f"registered {model.name}:{model.version}")

sweep = ml_client.jobs.create_or_update(load_job(HERE / "sweep" / "sweep.yml"))
ml_client.jobs.stream(sweep.name)
done = ml_client.jobs.get(sweep.name)
trials = list(ml_client.jobs.list(parent_job_name=sweep.name))
print(f"{len(trials)} trials, the best is {done.properties.get('best_child_run_id')}")

with tempfile.TemporaryDirectory() as folder:
    ml_client.jobs.download(job.name, download_path=folder, output_name="model")
    found = [str(path.relative_to(folder)) for path in Path(folder).rglob("*.joblib")]
json.dump({"status": done.status, "files": found}, sys.stdout)
