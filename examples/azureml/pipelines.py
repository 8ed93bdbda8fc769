"""The same pipeline twice, from YAML and from Python with a registered component; its schedule."""

import json
import sys
import tempfile
from pathlib import Path

from azure.ai.ml import Input, load_component, load_job
from azure.ai.ml.dsl import pipeline
from azure.ai.ml.entities import JobSchedule, RecurrencePattern, RecurrenceTrigger
from workspace import HERE, connect, prepare

ml_client = connect()
prepare(ml_client)
FOLDER = HERE / "pipeline"

# From YAML.
first = ml_client.jobs.create_or_update(load_job(FOLDER / "pipeline.yml"))
ml_client.jobs.stream(first.name)

# From Python: `wine_train` is registered, and fetched by its name as another script would.
ml_client.components.create_or_update(load_component(FOLDER / "train.yml"))
prepare_table = load_component(FOLDER / "prepare.yml")
train = ml_client.components.get("wine_train", version="1")
evaluate = load_component(FOLDER / "evaluate.yml")


@pipeline(default_compute="cpu-cluster")
def wine(table, trees: int):
    parts = prepare_table(table=table).outputs.parts
    model = train(parts=parts, trees=trees).outputs.model
    return {"report": evaluate(parts=parts, model=model).outputs.report}


job = wine(table=Input(type="uri_file", path=str(HERE / "data" / "wine.csv")), trees=30)
second = ml_client.jobs.create_or_update(job, experiment_name="azureml-samples")
ml_client.jobs.stream(second.name)

with tempfile.TemporaryDirectory() as folder:
    ml_client.jobs.download(second.name, download_path=folder, output_name="report")
    [path] = Path(folder).rglob("report.json")
    report = json.loads(path.read_text())

# Every morning from now on; taken back at once, because this is a sample.
every_morning = RecurrenceTrigger(
    frequency="day", interval=1, schedule=RecurrencePattern(hours=[6], minutes=[30])
)
schedule = ml_client.schedules.begin_create_or_update(
    JobSchedule(
        name="wine-every-morning",
        trigger=every_morning,
        create_job=load_job(FOLDER / "pipeline.yml"),
    )
).result()
print(f"{schedule.name}: enabled {schedule.is_enabled}")
ml_client.schedules.begin_disable(schedule.name).result()
ml_client.schedules.begin_delete(schedule.name).result()

statuses = [ml_client.jobs.get(one.name).status for one in (first, second)]
json.dump({"statuses": statuses, "report": report}, sys.stdout)
