"""What the notebook has against what the environment has."""

from __future__ import annotations

from jupyter_aml.service.environments import diff

NOTEBOOK = {"Pandas": "2.2.0", "numpy": "1.26.4", "scikit_learn": "1.4"}


def rows(found: list[diff.DiffRow]) -> list[tuple[str, str, str, str]]:
    return [(row.package, row.notebook, row.environment, row.status) for row in found]


def test_what_differs_comes_first() -> None:
    there = {"pandas": "2.2.0", "numpy": "2.0.0", "tqdm": "4.0"}
    assert rows(diff.compare(NOTEBOOK, there, ("3.11.7", "3.12.1"))) == [
        ("Python", "3.11.7", "3.12.1", "different"),
        ("scikit_learn", "1.4", "", "missing"),
        ("numpy", "1.26.4", "2.0.0", "different"),
        ("tqdm", "", "4.0", "extra"),
        ("pandas", "2.2.0", "2.2.0", "same"),
    ]


def test_before_it_is_built_the_conditions_are_shown() -> None:
    wished = ["pandas==2.2.0", "numpy==2.0", "scikit-learn>=1.5", "tqdm", "--no-index"]
    assert rows(diff.compare_wished(NOTEBOOK, wished, ("", "3.11.7"))) == [
        ("numpy", "1.26.4", "==2.0", "different"),
        ("tqdm", "", "any version", "extra"),
        ("pandas", "2.2.0", "==2.2.0", "same"),
        ("scikit-learn", "1.4", ">=1.5", "same"),
    ]
