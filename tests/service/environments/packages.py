"""Tiny packages for tests: a folder that pip and uv take them from, without any network."""

from __future__ import annotations

import hashlib
import io
import tarfile
import zipfile
from base64 import urlsafe_b64encode
from collections.abc import Mapping, Sequence
from pathlib import Path

import cloudpickle


def wheel(
    folder: Path,
    name: str,
    version: str = "1.0",
    *,
    files: Mapping[str, str] | None = None,
    requires: Sequence[str] = (),
    requires_python: str = "",
) -> Path:
    """A wheel for every Python; by default it holds one module of its own name."""
    module = name.replace("-", "_")
    contents = dict(files) if files is not None else {f"{module}.py": f"VERSION = {version!r}\n"}
    info = f"{module}-{version}.dist-info"
    metadata = [f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}"]
    metadata += [f"Requires-Dist: {one}" for one in requires]
    if requires_python:
        metadata.append(f"Requires-Python: {requires_python}")
    contents[f"{info}/METADATA"] = "\n".join([*metadata, ""])
    contents[f"{info}/WHEEL"] = (
        "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    )
    record = [
        f"{path},sha256={_hash(text)},{len(text.encode())}" for path, text in contents.items()
    ]
    contents[f"{info}/RECORD"] = "\n".join([*record, f"{info}/RECORD,,", ""])
    path = folder / f"{module}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for inner, text in contents.items():
            archive.writestr(inner, text)
    return path


def source(folder: Path, name: str, backend: str, version: str = "1.0") -> Path:
    """A source archive whose build runs `backend`, the text of a PEP 517 module."""
    path = folder / f"{name}-{version}.tar.gz"
    project = (
        f'[project]\nname = "{name}"\nversion = "{version}"\n'
        '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'
    )
    texts = {
        "pyproject.toml": project,
        "backend.py": backend,
        "PKG-INFO": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
    }
    with tarfile.open(path, "w:gz") as archive:
        for inner, text in texts.items():
            entry = tarfile.TarInfo(f"{name}-{version}/{inner}")
            entry.size = len(text.encode())
            archive.addfile(entry, io.BytesIO(text.encode()))
    return path


def never_ending(folder: Path, name: str, told: Path) -> Path:
    """A package whose build writes its process id to `told` and then never ends."""
    return source(
        folder,
        name,
        "import os, time\n"
        "def wait(*args, **options):\n"
        f"    with open({str(told)!r}, 'w') as stream:\n"
        "        stream.write(str(os.getpid()))\n"
        "    while True:\n"
        "        time.sleep(60)\n"
        "prepare_metadata_for_build_wheel = build_wheel = wait\n",
    )


def gated(folder: Path, name: str, told: Path, gate: Path) -> Path:
    """A package whose build adds a line with its process id to `told`, and ends when `gate` is
    there."""
    finished = folder.parent / "finished"
    finished.mkdir(exist_ok=True)
    ready = wheel(finished, name)
    return source(
        folder,
        name,
        "import os, shutil, time\n"
        "def build_wheel(folder, *args, **options):\n"
        f"    with open({str(told)!r}, 'a') as stream:\n"
        "        stream.write(str(os.getpid()) + '\\n')\n"
        f"    while not os.path.exists({str(gate)!r}):\n"
        "        time.sleep(0.02)\n"
        f"    shutil.copy({str(ready)!r}, folder)\n"
        f"    return {ready.name!r}\n",
    )


def broken(folder: Path, name: str) -> Path:
    """A package that cannot be built: its compiler is missing."""
    return source(
        folder,
        name,
        "def fail(*args, **options):\n"
        "    raise RuntimeError('command \\'no-such-compiler\\' failed: not found')\n"
        "prepare_metadata_for_build_wheel = build_wheel = fail\n",
    )


def for_the_runner(folder: Path) -> None:
    """What every environment gets: the real cloudpickle, and a name for IPython, which the
    runner can do without."""
    home = Path(cloudpickle.__file__).parent
    files = {f"cloudpickle/{path.name}": path.read_text() for path in home.glob("*.py")}
    wheel(folder, "cloudpickle", cloudpickle.__version__, files=files)
    wheel(folder, "ipython", "99.0", files={"ipython_is_not_here.py": ""})


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return urlsafe_b64encode(digest).rstrip(b"=").decode()
