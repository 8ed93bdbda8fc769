"""``online-endpoint``, ``online-deployment``, ``deploy``: what is asked for, and what is shown."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import pytest

from jupyter_aml.grammar import Result
from jupyter_aml.model.endpoint import (
    CreateOnlineDeployment,
    CreateOnlineEndpoint,
    DeployStage,
)
from jupyter_aml.model.errors import Invalid, NotFound
from tests.grammar.fake_client import FakeClient
from tests.grammar.fake_surface import FakeSurface

Typed = Callable[[str], Result]


@pytest.fixture
def digits(client: FakeClient) -> FakeClient:
    """An endpoint with one deployment that has all of the traffic."""
    client.models.add("digits")
    client.models.add("digits", "2")
    client.online_endpoints.add("digits", traffic={"blue": 100})
    client.online_deployments.add("blue", description="kept", environment="trees:1")
    return client


def asked(client: FakeClient) -> CreateOnlineDeployment:
    return client.online_deployments.asked[-1][1]


# -- deploy -------------------------------------------------------------------------------------


def test_what_comes_up_says_how_long_that_usually_takes(
    typed: Typed, digits: FakeClient, surface: FakeSurface
) -> None:
    surface.watched = True
    stage = DeployStage(name="start", started_at="2026-11-22T00:00:00Z", usual_low=3, usual_high=5)
    digits.online_deployments.stage = stage
    typed("deploy digits:2 --endpoint digits --deployment green")
    assert "Starting, usually 3 to 5 s …" in surface.notes
    digits.online_deployments.stage = None
    typed("deploy digits:2 --endpoint digits --deployment red")
    assert surface.notes[-1] == "Starting …"


def test_deploying_makes_the_endpoint_waits_and_gives_it_all_traffic(
    typed: Typed, client: FakeClient
) -> None:
    client.models.add("digits", sample='{"input_data": [[1]]}')
    result = typed("deploy digits:1 --endpoint digits --min 1 --max 3")
    assert client.online_endpoints.asked[0] == ("create", CreateOnlineEndpoint(name="digits"))
    spec = asked(client)
    assert (spec.name, spec.model) == ("blue", "azureml:digits:1")
    assert (spec.scale_settings.min_instances, spec.scale_settings.max_instances) == (1, 3)
    assert client.online_endpoints.get("digits").traffic == {"blue": 100}
    text = str(result)
    for said in ("http://127.0.0.1:5001/score", "blue 100 %", "1 of 1..3", "would be $0.29/h"):
        assert said in text
    assert "curl http://127.0.0.1:5001/score" in text
    assert '{"input_data": [[1]]}' in text
    assert "digits-one" not in text, "a key is shown when it is asked for"


def test_a_variable_is_registered_under_the_endpoints_name(
    typed: Typed, client: FakeClient, surface: FakeSurface
) -> None:
    surface.variables["clf"] = object()
    typed("deploy clf --endpoint digits")
    assert asked(client).model == "azureml:digits:1"
    typed("deploy clf --endpoint digits --deployment green --model-name trees")
    assert asked(client).model == "azureml:trees:1"


def test_where_both_have_the_name_it_says_which_was_taken(
    typed: Typed, digits: FakeClient, surface: FakeSurface
) -> None:
    surface.variables["digits"] = object()
    text = str(typed("deploy digits --endpoint other"))
    assert asked(digits).model == "azureml:other:1"
    assert "digits is a variable and a model: the variable was taken" in text
    assert "deploy digits:2 --endpoint other" in text
    assert "was taken" not in str(typed("deploy digits:2 --endpoint other"))


def test_deploying_again_updates_what_is_there_and_keeps_what_was_not_named(
    typed: Typed, digits: FakeClient
) -> None:
    typed("deploy digits:2 --endpoint digits")
    verb, spec = digits.online_deployments.asked[-1]
    assert verb == "update"
    assert (spec.model, spec.description) == ("azureml:digits:2", "kept")
    assert spec.environment == "trees:1"


def test_a_share_of_the_traffic_is_taken_from_the_others(typed: Typed, digits: FakeClient) -> None:
    typed("deploy digits:2 --endpoint digits --deployment green --traffic 10")
    assert digits.online_endpoints.get("digits").traffic == {"blue": 90, "green": 10}
    typed("deploy digits:2 --endpoint digits --deployment red")
    assert digits.online_endpoints.get("digits").traffic == {"blue": 90, "green": 10}


def test_one_that_does_not_load_shows_why_and_takes_no_traffic(
    typed: Typed, digits: FakeClient
) -> None:
    digits.online_deployments.outcome = "Failed"
    result = typed("deploy digits:2 --endpoint digits --deployment green --traffic 10")
    assert result.exit_code == 1
    assert "line 1" in str(result)
    assert digits.online_endpoints.get("digits").traffic == {"blue": 100}


def test_what_is_neither_a_model_nor_a_variable_is_refused(typed: Typed) -> None:
    with pytest.raises(NotFound) as refused:
        typed("deploy nothing --endpoint digits")
    assert "no variable" in refused.value.message


def test_a_script_alone_names_its_folder(typed: Typed, digits: FakeClient) -> None:
    typed("deploy digits:1 -e digits --deployment green --script src/score.py --env A=1")
    spec = asked(digits)
    assert (spec.code, spec.scoring_script) == ("/here/src", "score.py")
    assert spec.environment_variables == {"A": "1"}


# -- endpoints ----------------------------------------------------------------------------------


def test_endpoints_are_listed_and_shown_with_their_deployments(
    typed: Typed, digits: FakeClient
) -> None:
    assert "blue 100 %" in str(typed("online-endpoint list"))
    text = str(typed("online-endpoint show digits"))
    assert "http://127.0.0.1:5001/score" in text
    assert "digits/blue" in text


def test_creating_one_says_what_comes_next(typed: Typed, client: FakeClient) -> None:
    result = typed("online-endpoint create digits --auth-mode aml_token --tag a=b")
    spec = client.online_endpoints.asked[0][1]
    assert (spec.auth_mode, spec.tags) == ("aml_token", {"a": "b"})
    assert "deploy MODEL --endpoint digits" in str(result)


def test_traffic_is_typed_as_azure_has_it(typed: Typed, digits: FakeClient) -> None:
    typed('online-endpoint update digits --traffic "blue=90 green=10" --mirror-traffic red=20')
    _, _, body = digits.online_endpoints.asked[-1]
    assert body.traffic == {"blue": 90, "green": 10}
    assert body.mirror_traffic == {"red": 20}
    with pytest.raises(Invalid):
        typed("online-endpoint update digits --traffic blue=lots")
    with pytest.raises(Invalid, match="Nothing was said"):
        typed("online-endpoint update digits")


def test_updating_a_tag_keeps_the_others(typed: Typed, digits: FakeClient) -> None:
    typed("online-endpoint update digits --tags team=blue")
    typed("online-endpoint update digits --tags stage=final")
    assert digits.online_endpoints.get("digits").tags == {"team": "blue", "stage": "final"}


def test_rows_of_the_notebook_json_and_files_are_sent(
    typed: Typed, digits: FakeClient, surface: FakeSurface
) -> None:
    sent = digits.online_endpoints.asked
    typed("online-endpoint invoke digits --request-data X_test[:5]")
    assert sent[-1][2] == surface.sample("X_test[:5]")
    typed("online-endpoint invoke digits --request-data '[[1, 2]]' --deployment green")
    assert sent[-1][2:] == ("[[1, 2]]", "green")
    typed("online-endpoint invoke digits --request-data @request.json")
    assert sent[-1][2] == '{"of": "request.json"}'
    typed("online-endpoint invoke digits --request-file other.json")
    assert sent[-1][2] == '{"of": "other.json"}'
    with pytest.raises(Invalid):
        typed("online-endpoint invoke digits")


def test_an_answer_is_shown_and_a_refusal_is_exit_code_1(typed: Typed, digits: FakeClient) -> None:
    result = typed("online-endpoint invoke digits -d [1]")
    assert result.document["body"] == [0, 1]
    assert result.exit_code == 0
    digits.online_endpoints.answered = msgspec.structs.replace(
        digits.online_endpoints.answered, status=424
    )
    refused = typed("online-endpoint invoke digits -d [1]")
    assert refused.exit_code == 1
    assert "424" in str(refused)


def test_keys_are_shown_when_asked_for_and_renewed(typed: Typed, digits: FakeClient) -> None:
    shown = typed("online-endpoint keys digits")
    assert "digits-one" in str(shown)
    assert shown.document["primary_key"] == "digits-one"  # so the panel's curl asks for it
    typed("online-endpoint keys digits --renew secondary")
    assert digits.online_endpoints.asked[-1] == ("regenerate_key", "digits", "secondary")
    digits.online_endpoints.add("digits", auth_mode="aml_token")
    shown = typed("online-endpoint get-credentials digits")
    assert "digits-token" in str(shown)
    assert shown.document["access_token"] == "digits-token"


def test_a_rollout_has_steps_and_a_rule(typed: Typed, digits: FakeClient) -> None:
    typed("online-endpoint rollout digits --to green --steps 5,100 --every 1m --max-error-rate 0.1")
    body = digits.online_endpoints.asked[-1][2]
    assert (body.deployment, body.steps, body.seconds_per_step) == ("green", [5, 100], 60)
    assert body.rule.max_error_rate == 0.1
    assert (body.mirror, body.rule.max_p95_times) == (0, None)
    typed("online-endpoint rollout digits --to green --mirror 10 --max-p95-times 2")
    body = digits.online_endpoints.asked[-1][2]
    assert (body.mirror, body.rule.max_p95_times) == (10, 2)
    with pytest.raises(Invalid):
        typed("online-endpoint rollout digits --to green --mirror 51")
    typed("online-endpoint rollout digits --cancel")
    assert digits.online_endpoints.asked[-1] == ("cancel_rollout", "digits")
    with pytest.raises(Invalid):
        typed("online-endpoint rollout digits")


def test_traffic_over_time_is_a_row_per_deployment(typed: Typed, digits: FakeClient) -> None:
    text = str(typed("online-endpoint traffic digits --last 60"))
    assert digits.online_endpoints.asked[-1] == ("traffic", "digits", 60)
    for said in ("blue", "12", "20 ms"):
        assert said in text


def test_deleting_says_what_is_lost(typed: Typed, digits: FakeClient, surface: FakeSurface) -> None:
    typed("online-endpoint delete digits")
    assert "answers no more" in surface.questions[-1][1]
    assert not digits.online_endpoints.all


# -- deployments --------------------------------------------------------------------------------


def test_deployments_of_all_endpoints_or_of_one_are_listed(
    typed: Typed, digits: FakeClient
) -> None:
    digits.online_endpoints.add("other")
    digits.online_deployments.add("blue", endpoint_name="other")
    assert str(typed("online-deployment list")).count("/blue") == 2
    assert str(typed("online-deployment list digits")).count("/blue") == 1


def test_creating_one_waits_and_says_that_it_has_no_traffic(
    typed: Typed, digits: FakeClient
) -> None:
    result = typed("online-deployment create green -e digits --model digits:1 --concurrent 4")
    assert asked(digits).request_settings.max_concurrent_requests_per_instance == 4
    assert '--traffic "green=100"' in str(result)
    typed("online-deployment create red -e digits --model digits:1 --all-traffic")
    assert digits.online_endpoints.get("digits").traffic == {"red": 100}
    with pytest.raises(Invalid):
        typed("online-deployment create green --model digits:1")
    with pytest.raises(Invalid):
        typed("online-deployment create green -e digits --model m:1 --min 3 --max 2")


def test_updating_keeps_what_is_not_named(typed: Typed, digits: FakeClient) -> None:
    typed("online-deployment update blue -e digits --model digits:2 --micro-batch")
    spec = asked(digits)
    assert (spec.model, spec.description) == ("digits:2", "kept")
    assert spec.request_settings.micro_batch


def test_a_file_is_read_with_what_it_describes_itself(
    typed: Typed, digits: FakeClient, surface: FakeSurface
) -> None:
    typed("online-deployment create green -f deployment.yml -e digits --set instance_count=2")
    path, settings = surface.machine.read[-1]
    assert path == "deployment.yml"
    assert settings == {"instance_count": 2, "name": "green", "endpoint_name": "digits"}
    spec = asked(digits)
    assert spec.model == "azureml:digits-green:1"
    assert spec.environment == "digits-green:1"


def test_logs_are_printed_as_they_are(
    typed: Typed, digits: FakeClient, surface: FakeSurface
) -> None:
    typed("online-deployment logs blue -e digits --kind requests --tail 5")
    assert digits.online_deployments.asked[-1][3]["kind"] == "requests"
    assert digits.online_deployments.asked[-1][3]["tail"] == 5
    assert "hello\n" in surface.out


def test_an_instance_is_replaced_and_a_deployment_deleted(typed: Typed, digits: FakeClient) -> None:
    typed("online-deployment restart blue -e digits --instance blue-1")
    assert digits.online_deployments.asked[-1][-1] == "blue-1"
    typed("online-deployment delete blue -e digits --yes")
    assert not digits.online_deployments.all
