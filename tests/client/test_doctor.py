"""What `doctor` finds, and that it changes nothing."""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from jupyter_aml._version import __version__
from jupyter_aml.client import doctor
from jupyter_aml.client.doctor import Check, diagnose
from jupyter_aml.model.errors import Unavailable


def found(home: Path, name: str) -> Check:
    return next(check for check in diagnose(home) if check.name == name)


def test_a_healthy_machine_has_no_failure_and_keeps_no_trace(home: Path) -> None:
    checks = diagnose(home)
    assert [check for check in checks if check.level == "fail"] == []
    assert not home.exists()


def test_a_home_that_is_a_file(tmp_path: Path) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.write_text("")
    check = found(in_the_way / "home", "Home")
    assert (check.level, check.message.endswith("is no folder.")) == ("fail", True)


@pytest.mark.skipif(os.name != "posix", reason="modes of POSIX")
def test_a_home_open_to_others(home: Path) -> None:
    home.mkdir(mode=0o755)
    home.chmod(0o755)
    check = found(home, "Home")
    assert (check.level, check.fix) == ("warn", f"chmod 700 {home}")


def test_a_home_that_cannot_be_written(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(**_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(doctor.tempfile, "NamedTemporaryFile", refuse)
    check = found(home, "Home")
    assert check.level == "fail"
    assert "Permission denied" in check.message
    assert "JUPYTER_AML_HOME" in check.fix


@pytest.mark.parametrize(("free", "level"), [(10 << 30, "ok"), (500 << 20, "warn"), (5, "fail")])
def test_a_full_disk(home: Path, monkeypatch: pytest.MonkeyPatch, free: int, level: str) -> None:
    usage = SimpleNamespace(total=1, used=1, free=free)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    assert found(home, "Disk").level == level


def test_a_path_too_long_for_sockets(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "run_folder", lambda _: Path("/tmp", "x" * 100))
    check = found(home, "Sockets")
    assert check.level == "fail"
    assert "TMPDIR" in check.fix


@pytest.mark.skipif(sys.platform == "win32", reason="limits of POSIX")
def test_few_open_files(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import resource

    monkeypatch.setattr(resource, "getrlimit", lambda _: (256, 256))
    assert found(home, "Open files").level == "warn"


def test_a_service_that_does_not_answer(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def silent(_: Path) -> None:
        raise Unavailable("It does not answer.", hint="Look at its log.")

    monkeypatch.setattr(doctor.discovery, "find", silent)
    check = found(home, "Service")
    assert (check.level, check.fix) == ("fail", "Look at its log.")


def test_a_service_of_another_version(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor.discovery, "find", lambda _: object())
    status = SimpleNamespace(pid=1, version="0.0.1")
    monkeypatch.setattr(doctor.discovery, "status", lambda _: status)
    check = found(home, "Service")
    assert check.level == "warn"
    assert "0.0.1" in check.message


@pytest.mark.parametrize(
    ("version", "level"), [(__version__, "ok"), ("99.0.0", "warn"), (None, "warn")]
)
def test_the_part_in_jupyterlab(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str | None, level: str
) -> None:
    import jupyter_core.paths

    monkeypatch.setattr(jupyter_core.paths, "jupyter_path", lambda: [str(tmp_path)])
    folder = tmp_path / "labextensions" / "jupyter-aml"
    folder.mkdir(parents=True)
    if version:
        (folder / "package.json").write_text(json.dumps({"version": version}))
    assert found(home, "JupyterLab part").level == level


def test_the_part_in_jupyter_server(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import jupyter_core.paths

    monkeypatch.setattr(jupyter_core.paths, "jupyter_config_path", lambda: [str(tmp_path)])
    name = "Jupyter Server part"
    assert found(home, name).level == "warn"
    folder = tmp_path / "jupyter_server_config.d"
    folder.mkdir()
    enabled = {"ServerApp": {"jpserver_extensions": {"jupyter_aml": True}}}
    (folder / "jupyter_aml.json").write_text(json.dumps(enabled))
    assert found(home, name).level == "ok"
    (folder / "jupyter_aml.json").write_text("not json")
    assert found(home, name).level == "warn"
