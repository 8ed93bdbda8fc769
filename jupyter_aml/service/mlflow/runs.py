"""The MLflow run of a job, made when the job first asks for anything: its id is the job's name."""

from __future__ import annotations

import threading
import time
from importlib import import_module
from typing import Any

from jupyter_aml.service.mlflow.database import Database
from jupyter_aml.service.mlflow.token import Bearer


class JobRuns:
    """In the server's process; called from its worker threads."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known: set[str] = set()
        self._lock = threading.Lock()

    def make(self, bearer: Bearer) -> None:
        """The run is there afterwards, in its job's experiment."""
        if bearer.job in self._known:
            return
        with self._lock:
            store = _tracking_store()  # makes the database's tables, the first time
            if not self._database.has(bearer.job):
                self._create(store, bearer)
            self._known.add(bearer.job)

    def _create(self, store: Any, bearer: Bearer) -> None:
        """MLflow chooses the id of a run; it is renamed before anybody has heard of it."""
        experiment = store.get_experiment_by_name(bearer.experiment)
        number = (
            experiment.experiment_id
            if experiment is not None
            else store.create_experiment(bearer.experiment, None, [])
        )
        run = store.create_run(
            experiment_id=number,
            user_id="",
            start_time=int(time.time() * 1000),
            tags=[],
            run_name=bearer.title or bearer.job,
        )
        self._database.rename(run.info.run_id, bearer.job)


def _tracking_store() -> Any:
    """The server's own. It is imported by now; MLflow is an extra, so only by name."""
    return import_module("mlflow.server.handlers")._get_tracking_store()
