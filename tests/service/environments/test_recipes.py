"""Azure's curated names find the nearest recipe; other names find none."""

from __future__ import annotations

import pytest

from jupyter_aml.service.environments import recipes, requirements


@pytest.mark.parametrize(
    ("text", "recipe"),
    [
        ("AzureML-sklearn-1.5", "sklearn"),
        ("azureml:AzureML-sklearn-0.24-ubuntu18.04-py37-cpu@latest", "sklearn"),
        ("azureml://registries/azureml/environments/sklearn-1.5/labels/latest", "sklearn"),
        (
            "azureml://registries/azureml/environments/acpt-pytorch-2.2-cuda12.1/versions/3",
            "pytorch-cpu",
        ),
        ("AzureML-lightgbm-3.3-ubuntu18.04-py37-cpu", "boosting"),
        ("AzureML-tensorflow-2.12-cuda11:5", "tensorflow"),
        ("AzureML-minimal-py311-inference", "mlflow"),
        ("azureml://registries/azureml/environments/python-sdk-v2/versions/1", None),
    ],
)
def test_a_curated_name_of_azure_has_a_recipe(text: str, recipe: str | None) -> None:
    named = recipes.of_azure(text)
    assert named is not None
    found = recipes.nearest(named[0])
    assert (found.name if found else None) == recipe


@pytest.mark.parametrize("text", ["my-env", "azureml:my-env:3", "kernel", "sklearn"])
def test_other_names_are_not_azures(text: str) -> None:
    assert recipes.of_azure(text) is None


def test_recipes_can_be_read() -> None:
    assert "sklearn" in recipes.recipes()
    for recipe in recipes.recipes().values():
        assert requirements.read(recipe.requirements) == recipe.requirements
        assert recipe.description
