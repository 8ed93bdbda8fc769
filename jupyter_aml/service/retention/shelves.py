"""Every shelf of a home: the one place where kinds of things are listed."""

from __future__ import annotations

from pathlib import Path

from jupyter_aml.model.data import DEFAULT_DATASTORE
from jupyter_aml.service.folders import pool_folder
from jupyter_aml.service.retention.contents import ContentShelf
from jupyter_aml.service.retention.counted import CountedShelf, below, named, not_named
from jupyter_aml.service.retention.environments import EnvironmentShelf
from jupyter_aml.service.retention.jobs import JobShelf, Publish
from jupyter_aml.service.retention.logs import LogShelf
from jupyter_aml.service.retention.shelf import Shelf
from jupyter_aml.service.retention.snapshots import SnapshotShelf
from jupyter_aml.service.store.db import Store

_DATABASE = "state.db*"
_CLAIMED = (
    "jobs",
    "snapshots",
    "nodes",
    "environments",
    "datastores",
    "mlflow",
    "spool",
    "arm",
    "service.log*",
    "service.err*",
    _DATABASE,
)


def shelves(home: Path, store: Store, publish: Publish) -> tuple[Shelf, ...]:
    return (
        JobShelf(home / "jobs", store, publish),
        SnapshotShelf(home / "snapshots", store),
        LogShelf(home),
        EnvironmentShelf(home / "environments", store),
        ContentShelf(home / "datastores" / DEFAULT_DATASTORE, store),
        CountedShelf(
            "data", below(home / "mlflow"), "MLflow keeps its runs until they are deleted"
        ),
        CountedShelf("pool", below(pool_folder(home)), "its notebook removes it"),
        CountedShelf("database", named(home, _DATABASE), "it holds what the service knows"),
        CountedShelf(
            "other", named(home, "arm"), "the Azure-compatible API keeps what comes to it there"
        ),
        CountedShelf("other", not_named(home, *_CLAIMED), "nobody knows what it is for"),
    )
