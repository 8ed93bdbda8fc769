"""The variables by which processes of one job find each other."""

from __future__ import annotations

import json

from jupyter_aml.model.job import Distribution
from jupyter_aml.service.backends.local.jobs.distribution import free_ports, processes


def test_two_nodes_without_a_distribution_still_know_their_rank() -> None:
    found = [processes(None, 2, node, [5000, 5001])[0] for node in (0, 1)]
    assert [env["RANK"] for env in found] == ["0", "1"]
    assert {env["WORLD_SIZE"] for env in found} == {"2"}
    assert {env["MASTER_PORT"] for env in found} == {"5000"}


def test_pytorch_counts_processes_over_nodes() -> None:
    kind = Distribution(type="pytorch", process_count_per_instance=2)
    ranks = [p["RANK"] for node in (0, 1) for p in processes(kind, 2, node, [5000, 5001])]
    assert ranks == ["0", "1", "2", "3"]
    second = processes(kind, 2, 1, [5000, 5001])[1]
    assert (second["WORLD_SIZE"], second["LOCAL_RANK"], second["NODE_RANK"]) == ("4", "1", "1")


def test_mpi_uses_open_mpis_names() -> None:
    kind = Distribution(type="mpi", process_count_per_instance=2)
    env = processes(kind, 2, 1, [5000, 5001])[0]
    assert env["OMPI_COMM_WORLD_RANK"] == "2"
    assert env["OMPI_COMM_WORLD_SIZE"] == "4"
    assert env["OMPI_COMM_WORLD_LOCAL_RANK"] == "0"


def test_tensorflow_tells_each_its_task() -> None:
    kind = Distribution(type="tensorflow", worker_count=2, parameter_server_count=1)
    configs = [
        json.loads(processes(kind, 3, node, [5000, 5001, 5002])[0]["TF_CONFIG"])
        for node in range(3)
    ]
    assert [config["task"] for config in configs] == [
        {"type": "worker", "index": 0},
        {"type": "worker", "index": 1},
        {"type": "ps", "index": 0},
    ]
    assert configs[0]["cluster"] == {
        "worker": ["127.0.0.1:5000", "127.0.0.1:5001"],
        "ps": ["127.0.0.1:5002"],
    }


def test_free_ports_differ() -> None:
    assert len(set(free_ports(20))) == 20
