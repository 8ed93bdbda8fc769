"""`client.compute` over a dictionary."""

from __future__ import annotations

from typing import Any

import msgspec

from jupyter_aml.model import compute
from jupyter_aml.model.errors import NotFound

MOMENT = "2023-11-14T22:13:10Z"
"""Ten seconds before `fake_surface.NOW`."""
TARGETS = {"Creating": "Steady", "Starting": "Running", "Stopping": "Stopped"}


class FakeComputes:
    """Each state that passes by itself passes with the next look."""

    def __init__(self) -> None:
        self.all: dict[str, compute.Compute] = {
            "local": compute.Compute(spec=compute.LocalCompute(), state="Running")
        }
        self.asked: list[tuple[Any, ...]] = []
        self.broken_state = ""

    def add(self, spec: compute.ComputeSpec, **observed: Any) -> None:
        self.all[spec.name] = compute.Compute(spec=spec, **observed)

    def list(self) -> compute.ComputeList:
        return compute.ComputeList([*self.all.values()])

    def get(self, name: str) -> compute.Compute:
        if name not in self.all:
            raise NotFound(f"There is no compute {name!r}.", target=name)
        found = self.all[name]
        if found.state == "Deleting":
            del self.all[name]
        elif found.state in TARGETS:
            self._move(name, self.broken_state or TARGETS[found.state])
        return found

    def _move(self, name: str, state: str) -> compute.Compute:
        self.all[name] = msgspec.structs.replace(self.all[name], state=state)
        return self.all[name]

    def create(self, spec: compute.ComputeSpec) -> compute.Compute:
        self.asked.append(("create", spec))
        self.add(spec, state="Creating")
        return self.all[spec.name]

    def update(self, name: str, body: compute.UpdateCompute) -> compute.Compute:
        self.asked.append(("update", name, body))
        return self.get(name)

    def delete(self, name: str) -> compute.Compute:
        self.asked.append(("delete", name))
        return self._move(name, "Deleting")

    def attach(self, spec: compute.AttachedCompute) -> compute.Compute:
        self.asked.append(("attach", spec))
        machine = compute.AttachedMachine(cores=4, system="Linux x86_64", address="ubuntu@vm1")
        self.add(spec, state="Running", machine=machine)
        return self.all[spec.name]

    def detach(self, name: str) -> compute.Compute:
        self.asked.append(("detach", name))
        return self._move(name, "Deleting")

    def start(self, name: str) -> compute.Compute:
        return self._move(name, "Starting")

    def stop(self, name: str) -> compute.Compute:
        self.asked.append(("stop", name))
        return self._move(name, "Stopping")

    def restart(self, name: str) -> compute.Compute:
        return self._move(name, "Starting")

    def evict(self, name: str, node: str = "") -> compute.Compute:
        self.asked.append(("evict", name, node))
        return self.get(name)

    def nodes(self, name: str) -> compute.NodeList:
        self.get(name)
        sample = compute.Sample(time=MOMENT, cpu=1.5, memory_bytes=3 << 30, gpu=0.25)
        node = compute.Node(
            name=f"{name}-1", compute=name, state="running", cpus=[0, 1], sample=sample
        )
        return compute.NodeList([node])

    def sizes(self, type: str = "", *, tier: str = "") -> compute.SizeList:
        self.asked.append(("sizes", type))
        here = compute.VmSize(name="local.1cpu-2gb", family="local", vcpus=1, memory_gb=2)
        azure = compute.VmSize(
            name="Standard_D4s_v3",
            family="standardDSv3Family",
            vcpus=4,
            memory_gb=16,
            price_per_hour=0.192,
            low_priority_price_per_hour=0.0384,
            rehearsal=True,
            reason="rehearsal: 1 of 4 cores",
        )
        gone = msgspec.structs.replace(
            azure, name="Big", available=False, reason="no quota", nearest="Standard_D4s_v3"
        )
        return compute.SizeList(value=[here, azure, gone], note="Prices are approximate.")

    def usage(self) -> compute.UsageList:
        used = compute.Usage(name="total", current_value=4, limit=20, holders=["c1: 1 node"])
        return compute.UsageList([used])
