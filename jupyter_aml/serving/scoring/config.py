"""What a scoring process is told (contracts.md, "A scoring process")."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import Literal

from ..settings import ConfigError, build, load

_NEEDED = ("model_dir", "code_dir", "socket", "state", "begun")


@dataclass(frozen=True)
class ScoreConfig:
    """One instance of a deployment."""

    model_dir: str
    code_dir: str
    socket: str = ""
    state: str = ""
    begun: str = ""
    endpoint: str = ""
    deployment: str = ""
    instance: str = ""
    engine: Literal["ours", "azureml"] = "ours"
    kind: Literal["score", "mlflow", "callable"] = "score"
    script: str = "score.py"
    environment: dict[str, str] = field(default_factory=dict[str, str])
    console: str = ""
    timeout_ms: int = 5000
    threads: int = 1
    micro_batch: int = 0
    max_request_bytes: int = 10 << 20
    max_response_bytes: int = 100 << 20
    cors_origins: str = ""
    drain_seconds: float = 30.0

    @property
    def script_path(self) -> str:
        """The script itself."""
        return os.path.join(self.code_dir, self.script)


def read(path: str, *, standalone: bool = False) -> ScoreConfig:
    """The config in a file; `standalone` needs no socket. Raise `ConfigError`."""
    values = load(path)
    needed = _NEEDED[:2] if standalone else _NEEDED
    missing = [name for name in needed if not values.get(name)]
    if missing:
        raise ConfigError(f"{path}: {', '.join(missing)} missing")
    config = build(ScoreConfig, values, path)
    if os.path.isabs(config.script) or ".." in config.script.replace("\\", "/").split("/"):
        raise ConfigError(f"{path}: script {config.script!r} is not inside the code folder")
    return config


def apply_environment(config: ScoreConfig) -> None:
    """Set the variables that a score.py may read, and those of the deployment over them."""
    os.environ.update(
        {
            "AML_APP_ROOT": config.code_dir,
            "AZUREML_ENTRY_SCRIPT": config.script,
            "AZUREML_MODEL_DIR": config.model_dir,
            "SCORING_TIMEOUT_MS": str(config.timeout_ms),
            "WORKER_COUNT": str(config.threads),
        }
    )
    if config.cors_origins:
        os.environ["AML_CORS_ORIGINS"] = config.cors_origins
    os.environ.update({str(name): str(value) for name, value in config.environment.items()})
