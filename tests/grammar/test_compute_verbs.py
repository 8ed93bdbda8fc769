"""What the verbs of ``compute`` ask of the client, and what they say."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from jupyter_aml.grammar import Result, parse_line, run
from jupyter_aml.model.compute import AmlCompute, AttachedCompute, ComputeInstance, UpdateCompute
from jupyter_aml.model.errors import Invalid, NotFound
from tests.grammar.fake_client import FakeClient
from tests.grammar.fake_surface import FakeSurface

Typed = Callable[[str], Result]


def test_create_makes_a_cluster_and_waits_until_it_is_there(
    typed: Typed, client: FakeClient, surface: FakeSurface
) -> None:
    result = typed("compute create c-one --max-instances 2 --idle-time-before-scale-down 10m")
    spec = AmlCompute(name="c-one", max_instances=2, idle_time_before_scale_down=600)
    assert client.compute.asked == [("create", spec)]
    assert result.value.state == "Steady"
    assert surface.slept > 0


def test_create_without_waiting(typed: Typed, surface: FakeSurface) -> None:
    assert typed("compute create c-one --no-wait").value.state == "Creating"
    assert surface.slept == 0


def test_create_makes_an_instance(typed: Typed, client: FakeClient) -> None:
    typed(
        "compute create box --type computeinstance --size local.1cpu-2gb --tag team=a "
        "--idle-time-before-shutdown-minutes 0"
    )
    assert client.compute.asked == [
        (
            "create",
            ComputeInstance(
                name="box",
                size="local.1cpu-2gb",
                tags={"team": "a"},
                idle_time_before_shutdown_minutes=None,
            ),
        )
    ]


def test_a_minimum_raises_the_maximum_that_was_not_given(typed: Typed, client: FakeClient) -> None:
    typed("compute create c-one --min-instances 3")
    assert client.compute.asked[0][1].max_instances == 3


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("compute create", "needs a name"),
        ("compute create x", "cannot name a compute"),
        ("compute create local", "names this machine"),
        ("compute create c-one --min-instances 3 --max-instances 2", "3 is more than"),
        ("compute create box -t computeinstance --tier low_priority", "--tier is for --type"),
        ("compute create c-one --idle-time-before-shutdown-minutes 5", "is for --type computeinst"),
        ("compute create c-one --set size=x", "--set changes fields of a file"),
        ("compute create -f c.yml --size x", "--size and --file cannot"),
        ("compute update c-one", "Nothing was said"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_asked(
    typed: Typed, client: FakeClient, line: str, says: str
) -> None:
    with pytest.raises(Invalid, match=says) as caught:
        typed(line)
    assert caught.value.target
    assert client.compute.asked == []


def test_create_from_a_file(typed: Typed, client: FakeClient, surface: FakeSurface) -> None:
    typed("compute create -n other -f c.yml --set max_instances=3")
    assert surface.machine.read == [("c.yml", {"max_instances": 3, "name": "other"})]
    assert client.compute.asked[0][1].name == "from-file"
    assert surface.notes == ["Note: location is not used here."]


def test_a_compute_that_breaks_ends_with_1_and_says_how_to_remove_it(
    typed: Typed, client: FakeClient
) -> None:
    client.compute.broken_state = "Failed"
    result = typed("compute create c-one")
    assert result.exit_code == 1
    assert "%aml compute delete c-one" in str(result)


def test_update_sends_what_was_given_and_nothing_else(typed: Typed, client: FakeClient) -> None:
    client.compute.add(AmlCompute(name="c-one", tags={"kept": "1"}), state="Steady")
    typed("compute update c-one --min-instances 0 --tag a=b")
    body = UpdateCompute(min_instances=0, tags={"kept": "1", "a": "b"})
    assert client.compute.asked == [("update", "c-one", body)]


def test_delete_says_what_is_lost_and_waits_until_it_is_gone(
    typed: Typed, client: FakeClient, surface: FakeSurface
) -> None:
    client.compute.add(AmlCompute(name="c-one"), state="Steady", running_jobs=2, queued_jobs=1)
    result = typed("compute delete c-one")
    lost = "Canceled with it: 2 jobs running and 1 job queued."
    assert surface.questions == [("Delete c-one?", lost)]
    assert str(result) == "Deleted c-one."
    assert "c-one" not in client.compute.all


def test_delete_with_yes_asks_nothing(
    typed: Typed, client: FakeClient, surface: FakeSurface
) -> None:
    client.compute.add(AmlCompute(name="c-one"), state="Steady", running_jobs=2)
    result = typed("compute delete c-one --yes")
    assert surface.questions == []
    assert str(result) == "Deleted c-one. Canceled with it: 2 jobs running."
    assert "c-one" not in client.compute.all


def test_a_no_deletes_nothing(client: FakeClient) -> None:
    client.compute.add(AmlCompute(name="c-one"), state="Steady")
    surface = FakeSurface(answer=False)
    result = run(client, parse_line("compute delete c-one"), surface)
    assert result.exit_code == 1
    assert client.compute.asked == []


def test_stop_asks_only_if_something_is_lost(
    typed: Typed, client: FakeClient, surface: FakeSurface
) -> None:
    client.compute.add(ComputeInstance(name="box"), state="Running")
    assert typed("compute stop box").value.state == "Stopped"
    assert surface.questions == []
    client.compute.add(ComputeInstance(name="box"), state="Running", running_jobs=1)
    surface.answer = False
    assert typed("compute stop box").exit_code == 1
    assert surface.questions == [("Stop box?", "Canceled with it: 1 job running.")]


def test_start_waits_until_it_runs(typed: Typed, client: FakeClient) -> None:
    client.compute.add(ComputeInstance(name="box"), state="Stopped")
    assert typed("compute start box").value.state == "Running"


def test_evict_takes_one_node_or_all(typed: Typed, client: FakeClient) -> None:
    client.compute.add(AmlCompute(name="c-one", tier="low_priority"), state="Steady")
    typed("compute evict c-one --node c-one-1")
    typed("compute evict c-one")
    assert client.compute.asked == [("evict", "c-one", "c-one-1"), ("evict", "c-one", "")]


def test_what_does_not_exist_is_not_found(typed: Typed) -> None:
    with pytest.raises(NotFound, match="no compute 'nope'"):
        typed("compute show nope")


def test_the_list_shows_scale_state_and_money(typed: Typed, client: FakeClient) -> None:
    client.compute.add(
        AmlCompute(name="c-one", size="Standard_D4s_v3", max_instances=2),
        state="Steady",
        current_nodes=1,
        running_jobs=1,
        queued_jobs=3,
        price_per_hour=0.192,
        rehearsal=True,
    )
    row = str(typed("compute list")).splitlines()[-1].split("  ")
    assert [cell.strip() for cell in row if cell.strip()] == [
        "c-one",
        "amlcompute",
        "Standard_D4s_v3",
        "Steady",
        "1 of 0..2",
        "1 +3 queued",
        "would be $0.19/h",
    ]


def test_a_shown_compute_is_one_level_of_snake_case(typed: Typed, client: FakeClient) -> None:
    client.compute.add(AmlCompute(name="c-one", tags={"k": "v"}), state="Steady")
    document = typed("compute show c-one").document
    assert list(document)[:2] == ["name", "type"]
    assert document["type"] == "amlcompute"
    assert document["idle_time_before_scale_down"] == 120
    assert document["state"] == "Steady"
    assert document["tags"] == {"k": "v"}
    assert "spec" not in document


def test_sizes_say_what_cannot_be_had_and_what_is_nearest(typed: Typed, client: FakeClient) -> None:
    text = str(typed("compute sizes --type amlcompute"))
    assert client.compute.asked == [("sizes", "amlcompute")]
    assert "not available: no quota; try Standard_D4s_v3" in text
    assert "$0.19/h" in text
    assert text.endswith("Prices are approximate.")


def test_nodes_and_usage(typed: Typed) -> None:
    assert "1.5 of 2  3.0 GB  25%" in str(typed("compute nodes local"))
    assert "4     20  Count  c1: 1 node" in str(typed("compute usage"))


def test_a_machine_is_attached_and_let_go(
    typed: Typed, client: FakeClient, surface: FakeSurface
) -> None:
    shown = typed("compute attach my-vm --type virtualmachine --host vm1 --user ubuntu --tag a=b")
    config = {"host": "vm1", "user": "ubuntu"}
    spec = AttachedCompute(name="my-vm", config=config, tags={"a": "b"})
    assert client.compute.asked == [("attach", spec)]
    assert shown.value.machine is not None
    assert surface.slept == 0
    gone = typed("compute detach my-vm --yes")
    assert client.compute.asked[-1] == ("detach", "my-vm")
    assert gone.notes == ["Detached my-vm."]
    assert "my-vm" not in client.compute.all


def test_a_machine_without_a_host_is_refused(typed: Typed, client: FakeClient) -> None:
    with pytest.raises(Invalid, match="--host"):
        typed("compute attach my-vm")
    assert client.compute.asked == []
