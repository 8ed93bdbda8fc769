"""The environment variables by which the processes of one job find each other.

Source: Azure ML's distributed training guide. Every node of a local cluster is this machine, so
the master's address is loopback; the port is chosen when the job starts and stays for all nodes.
"""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator

from jupyter_aml.model.job import Distribution

HOST = "127.0.0.1"


def free_ports(count: int) -> list[int]:
    """Ports that were free a moment ago; held together so that they differ."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for one in sockets:
            one.bind((HOST, 0))
        return [one.getsockname()[1] for one in sockets]
    finally:
        for one in sockets:
            one.close()


def processes(
    kind: Distribution | None, nodes: int, node: int, ports: list[int]
) -> list[dict[str, str]]:
    """The variables of each process on node number `node`; one process unless asked otherwise."""
    base = {
        "AZUREML_CR_NODE_RANK": str(node),
        "NODE_RANK": str(node),
        "AZ_BATCH_MASTER_NODE": f"{HOST}:{ports[0]}",
        "AZ_BATCHAI_JOB_MASTER_NODE_IP": HOST,
        "AZ_BATCH_HOST_LIST": ",".join([HOST] * nodes),
        "MASTER_ADDR": HOST,
        "MASTER_PORT": str(ports[0]),
    }
    if kind is None:
        whole = {"WORLD_SIZE": str(nodes), "RANK": str(node), "LOCAL_RANK": "0"}
        return [base | whole]
    if kind.type == "tensorflow":
        return [base | _tensorflow(kind, nodes, node, ports)]
    return [base | extra for extra in _ranked(kind, nodes, node)]


def _ranked(kind: Distribution, nodes: int, node: int) -> Iterator[dict[str, str]]:
    each = kind.process_count_per_instance
    names = {
        "pytorch": ("RANK", "WORLD_SIZE", "LOCAL_RANK", "LOCAL_WORLD_SIZE"),
        "mpi": (
            "OMPI_COMM_WORLD_RANK",
            "OMPI_COMM_WORLD_SIZE",
            "OMPI_COMM_WORLD_LOCAL_RANK",
            "OMPI_COMM_WORLD_LOCAL_SIZE",
        ),
    }[kind.type]
    for local in range(each):
        values = (node * each + local, nodes * each, local, each)
        yield dict(zip(names, map(str, values), strict=True))


def _tensorflow(kind: Distribution, nodes: int, node: int, ports: list[int]) -> dict[str, str]:
    servers = kind.parameter_server_count
    hosts = [f"{HOST}:{port}" for port in ports[:nodes]]
    cluster = {"worker": hosts[: nodes - servers]}
    if servers:
        cluster["ps"] = hosts[nodes - servers :]
    first_server = nodes - servers
    task = (
        {"type": "worker", "index": node}
        if node < first_server
        else {"type": "ps", "index": node - first_server}
    )
    config = {"cluster": cluster, "task": task, "environment": "cloud"}
    return {"TF_CONFIG": json.dumps(config)}
