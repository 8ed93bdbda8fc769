"""What may come next."""

from __future__ import annotations

import pytest

from jupyter_aml.grammar import complete
from jupyter_aml.model.compute import AmlCompute
from jupyter_aml.model.errors import ServiceNotRunning
from tests.grammar.fake_client import FakeClient


@pytest.fixture
def client(client: FakeClient) -> FakeClient:
    client.compute.add(AmlCompute(name="cpu-cluster"), state="Steady")
    client.jobs.add("maple_river")
    return client


@pytest.mark.parametrize(
    ("line", "offers"),
    [
        ("%aml com", ["compute", "component"]),
        ("%aml compute e", ["evict"]),
        ("%aml help compute e", ["evict"]),
        ("%aml compute create --max", ["--max-instances"]),
        ("%aml compute create c --tier ", ["dedicated", "low_priority"]),
        ("%aml compute create c --tier=low", ["--tier=low_priority"]),
        ("%aml compute create c --size Standard", ["Standard_D4s_v3"]),
        ("%aml compute show c", ["cpu-cluster"]),
        ("%aml compute show --name ", ["local", "cpu-cluster"]),
        ("%aml compute evict cpu-cluster --node ", ["local-1", "cpu-cluster-1"]),
        ("%aml job stream ", ["maple_river"]),
        ("%aml job update ", ["maple_river"]),
        ("%aml job update maple_river --dis", ["--display-name"]),
        ("%aml job list --status Can", ["CancelRequested", "Canceled"]),
        ("%aml session delete ", ["work"]),
        ("%aml preferences set default", ["default_compute="]),
        ("%aml doctor --out", ["--output"]),
        ("jupyter aml compute show cpu", ["cpu-cluster"]),
        ("%%aml --det", ["--detach"]),
        ("%%aml -c cpu", ["cpu-cluster"]),
        ("%%aml -c cpu-cluster --session ", ["work"]),
        ("%%aml -o alpha,b", ["alpha,beta"]),
        ("%%aml -o alpha,", ["alpha,beta"]),
        ("%aml nothing ", []),
        ("%aml compute list extra ", []),
    ],
)
def test_what_may_come_next(client: FakeClient, line: str, offers: list[str]) -> None:
    text = "" if line.endswith(" ") else line.split()[-1]
    assert complete(text, line, client, {"alpha": 1, "beta": 2, "_hidden": 3}) == offers


def test_a_part_of_a_word_is_completed_as_a_part(client: FakeClient) -> None:
    """Front ends that end words at "=" or "," hand over the rest alone."""
    assert complete("low", "%aml compute create c --tier=low", client) == ["low_priority"]
    assert complete("b", "%%aml -o alpha,b", client, {"beta": 1}) == ["beta"]


def test_without_a_service_there_are_no_names_and_no_error() -> None:
    class Gone:
        def __getattr__(self, name: str) -> object:
            raise ServiceNotRunning("no service")

    assert complete("", "%aml compute show ", Gone()) == []  # type: ignore[arg-type]
    assert complete("", "%aml compute show ", None) == []
    assert complete("sh", "%aml compute sh", None) == ["show"]
