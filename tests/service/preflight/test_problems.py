"""A refusal becomes a problem with a fix that can be clicked."""

from __future__ import annotations

from jupyter_aml.model.errors import ComputeNotRunning, Invalid, NotFound, QuotaExceeded
from jupyter_aml.model.preflight import BigFile, Ships
from jupyter_aml.service.preflight import folder, problems
from jupyter_aml.service.preflight.source import Source

MB = 1024 * 1024


def test_the_command_of_the_hint_is_the_fix() -> None:
    stopped = ComputeNotRunning(
        "It is stopped.", target="compute", hint="Start it with `%aml compute start box`, or not."
    )
    found = problems.refused(stopped)
    assert (found.code, found.cause, found.where) == (
        "ComputeNotRunning",
        "It is stopped",
        "compute",
    )
    assert found.fix is not None
    assert (found.fix.kind, found.fix.value) == ("command", "%aml compute start box")


def test_a_command_that_one_would_have_to_complete_is_none() -> None:
    full = QuotaExceeded("No cores.", hint="Delete one with `%aml compute delete NAME`.")
    fix = problems.refused(full).fix
    assert fix is not None
    assert (fix.kind, fix.value) == ("open", "sizes")
    listed = NotFound("No such.", target="compute", hint="See `%aml compute list`.")
    fix = problems.refused(listed).fix
    assert fix is not None
    assert fix.value == "computes"
    made = NotFound("No such.", target="compute", hint="`%aml compute create new`.")
    fix = problems.refused(made).fix
    assert fix is not None
    assert fix.value == "computes"


def test_a_refusal_without_a_way_out_has_no_button() -> None:
    assert problems.refused(Invalid("Wrong.", target="tags")).fix is None


def test_a_missing_module_is_installed_under_the_name_of_its_package() -> None:
    source = Source(imports={"sklearn": 4})
    (found,) = problems.missing(source, ["sklearn"], "kernel")
    assert (found.cause, found.where) == ("sklearn is not in kernel", "line 4")
    assert found.fix is not None
    assert found.fix.value == "%pip install scikit-learn"
    (found,) = problems.missing(source, ["sklearn"], "train:3")
    assert found.fix is not None
    assert found.fix.value == "environment:train:3:add=scikit-learn"


def test_a_folder_over_the_limit_names_what_is_large() -> None:
    ships = Ships(
        files=2,
        bytes=150 * MB,
        limit_bytes=100 * MB,
        complete=False,
        largest=[BigFile(path="a.bin", bytes=120 * MB), BigFile(path="b.bin", bytes=20 * MB)],
    )
    (found,) = problems.too_large(ships, "/home/x")
    assert found.cause.startswith("The folder is at least 150 MB, at most 100 MB travel.")
    assert found.cause.endswith("Largest: a.bin (120 MB), b.bin (20 MB)")
    assert problems.too_large(Ships(bytes=1, limit_bytes=2), "/x") == []


def test_a_build_to_come_is_a_warning_and_a_failed_one_says_so() -> None:
    (found,) = problems.not_built("a:1", "NotBuilt", 41.4)
    assert found.severity == "warning"
    assert "usually 41 s" in found.cause
    (found,) = problems.not_built("a:1", "Failed", None)
    assert "failed" in found.cause


def test_counting_a_folder_ends_in_time_and_says_that_it_did() -> None:
    looks: list[int] = []

    def is_late() -> bool:
        looks.append(1)
        return len(looks) > 2

    files = ((f"{n}.txt", n) for n in range(100_000))
    found = folder.measure(files, [], limit_bytes=1, is_late=is_late)
    assert not found.complete
    assert found.files < 1000
    assert len(found.largest) == folder.LARGEST
    assert found.largest[0].bytes == found.files - 1


def test_mlflow_is_missed_by_who_imports_it() -> None:
    [found] = problems.no_tracking(Source(imports={"mlflow": 3}), "/a b/python")
    assert (found.severity, found.where) == ("warning", "line 3")
    assert found.fix is not None
    assert found.fix.value == "!'/a b/python' -m pip install mlflow"
    assert problems.no_tracking(Source(imports={"numpy": 1}), "python") == []
