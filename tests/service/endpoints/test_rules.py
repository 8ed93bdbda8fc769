"""Refusals before anything starts: what, where and how to mend it; and the file of the keys."""

from __future__ import annotations

import base64
import hmac
import json
import stat
from pathlib import Path
from typing import Any

import pytest

from jupyter_aml.model.endpoint import (
    CreateOnlineDeployment,
    RequestSettings,
    ScaleSettings,
    StartRollout,
)
from jupyter_aml.model.errors import AmlError, Conflict, Invalid, NotFound
from jupyter_aml.service.endpoints import keys, rules

BOTH = ["blue", "green"]


@pytest.mark.parametrize("traffic", [{}, {"blue": 0}, {"blue": 100}, {"blue": 90, "green": 10}])
def test_traffic_sums_to_nothing_or_everything(traffic: dict[str, int]) -> None:
    rules.check_traffic(traffic, BOTH, "digits")


def test_other_sums_are_refused_with_a_command_that_works() -> None:
    with pytest.raises(Invalid) as refused:
        rules.check_traffic({"blue": 50, "green": 10}, BOTH, "digits")
    assert "60" in refused.value.message
    assert '--traffic "blue=90 green=10"' in refused.value.hint


def test_a_deployment_that_is_not_there_gets_no_traffic() -> None:
    with pytest.raises(NotFound) as refused:
        rules.check_traffic({"gren": 100}, BOTH, "digits")
    assert "green" in refused.value.hint


@pytest.mark.parametrize(
    ("mirror", "traffic", "error"),
    [
        ({"green": 51}, {"blue": 100}, Invalid),
        ({"blue": 10}, {"blue": 100}, Invalid),
        ({"blue": 10, "green": 10}, {}, Invalid),
        ({"red": 10}, {"blue": 100}, NotFound),
    ],
)
def test_mirrored_traffic_keeps_azures_rules(
    mirror: dict[str, int], traffic: dict[str, int], error: type[AmlError]
) -> None:
    rules.check_mirror({"green": 50}, {"blue": 100}, BOTH, "digits")
    with pytest.raises(error):
        rules.check_mirror(mirror, traffic, BOTH, "digits")


def test_a_deployment_with_traffic_is_not_deleted_and_the_hint_says_how() -> None:
    rules.check_delete("green", "digits", {"blue": 100, "green": 0})
    with pytest.raises(Conflict) as refused:
        rules.check_delete("blue", "digits", {"blue": 90, "green": 10})
    assert '--traffic "green=100"' in refused.value.hint


def test_there_are_no_more_than_azure_allows() -> None:
    rules.check_new_deployment(19, "digits")
    with pytest.raises(Conflict):
        rules.check_new_deployment(20, "digits")
    rules.check_new_endpoint("new", [f"e{n}" for n in range(99)])
    with pytest.raises(Conflict):
        rules.check_new_endpoint("new", [f"e{n}" for n in range(100)])


def test_names_that_differ_in_case_alone_are_one_folder_on_some_disks() -> None:
    with pytest.raises(Conflict):
        rules.check_new_endpoint("Digits", ["digits"])


@pytest.mark.parametrize(
    ("fields", "target"),
    [
        ({"scale_settings": ScaleSettings(min_instances=3, max_instances=2)}, "scaleSettings"),
        ({"model": ""}, "model"),
        ({"code": "/tmp"}, "scoringScript"),
        (
            {"engine": "azmlinfsrv", "request_settings": RequestSettings(micro_batch=True)},
            "requestSettings.microBatch",
        ),
    ],
)
def test_a_spec_that_cannot_work_is_refused_where_it_is_wrong(
    fields: dict[str, Any], target: str
) -> None:
    given = {"name": "blue", "endpoint_name": "digits", "model": "m:1", **fields}
    with pytest.raises(Invalid) as refused:
        rules.check_spec(CreateOnlineDeployment(**given))
    assert refused.value.target == target
    assert refused.value.hint


@pytest.mark.parametrize("steps", [[], [50, 10], [10, 10]])
def test_steps_of_a_rollout_rise(steps: list[int]) -> None:
    rules.check_rollout(StartRollout(deployment="green"), BOTH, "digits", {}, {})
    with pytest.raises(Invalid):
        rules.check_rollout(StartRollout(deployment="green", steps=steps), BOTH, "digits", {}, {})


@pytest.mark.parametrize(
    ("traffic", "mirror", "said"),
    [
        ({}, {}, "No other deployment"),
        ({"blue": 90, "green": 10}, {}, "live traffic"),
        ({"blue": 100}, {"blue": 10}, "copied to blue already"),
    ],
)
def test_a_rollout_copies_what_others_answer_and_to_one_alone(
    traffic: dict[str, int], mirror: dict[str, int], said: str
) -> None:
    body = StartRollout(deployment="green", mirror=10)
    rules.check_rollout(body, BOTH, "digits", {"blue": 100}, {"green": 20, "blue": 0})
    with pytest.raises(AmlError, match=said) as refused:
        rules.check_rollout(body, BOTH, "digits", traffic, mirror)
    assert refused.value.hint


# -- keys ---------------------------------------------------------------------------------------


def test_keys_are_private_and_read_again(tmp_path: Path) -> None:
    drawn = keys.draw()
    keys.write(tmp_path, drawn)
    assert keys.read(tmp_path) == drawn
    assert stat.S_IMODE((tmp_path / keys.FILE).stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == [keys.FILE]


def test_one_key_is_renewed_and_the_other_goes_on() -> None:
    drawn = keys.draw()
    renewed = drawn.renewed("secondary", "")
    assert renewed.primary == drawn.primary
    assert renewed.secondary not in (drawn.secondary, "")
    assert drawn.renewed("primary", "mine-" * 5).primary == "mine-" * 5
    with pytest.raises(Invalid):
        drawn.renewed("primary", "with a space in it, which is none")


def test_a_token_is_signed_for_one_endpoint_and_ends() -> None:
    drawn = keys.draw()
    made = drawn.token("digits", 1_000_000.0)
    body, _, signature = made.access_token.partition(".")
    told = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    assert told == {"endpoint": "digits", "exp": made.expiry_time_utc}
    assert made.expiry_time_utc == 1_000_000 + keys.TOKEN_SECONDS
    assert made.refresh_after_time_utc < made.expiry_time_utc
    expected = hmac.digest(bytes.fromhex(drawn.token_key), body.encode(), "sha256")
    assert base64.urlsafe_b64decode(signature + "=" * (-len(signature) % 4)) == expected
