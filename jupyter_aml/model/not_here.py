"""Fields of Azure's jobs that are taken and not acted upon here, each with the reason in words.

Job files (`client.jobfile`) and the compatible API (`service.arm`) store the sentence as a warning
with the job. Keys are the fields' names in files.
"""

from __future__ import annotations

from collections.abc import Mapping

JOB = {
    "identity": "identity is not used here: the job runs as you",
    "services": "services are not started here",
    "queue_settings": "queue_settings are not used here: jobs wait in the order they came",
    "parent_job_name": "parent_job_name is not used here",
    "notification_setting": "notification_setting is not used here: no mail is sent",
}
"""Of a job as a whole."""

RESOURCES = {
    "instance_type": "resources.instance_type is not used here: the compute's own size counts",
    "max_instance_count": "resources.max_instance_count is not used here",
    "locations": "resources.locations are not used here",
    "shm_size": "resources.shm_size is not used here: this machine's own shared memory is",
    "docker_args": "resources.docker_args are not used here: there is no container",
    "docker_args_list": "resources.docker_args_list are not used here: there is no container",
    "properties": "resources.properties are not used here",
}
"""Of its ``resources``."""


def said(given: Mapping[str, object], sentences: Mapping[str, str]) -> list[str]:
    """The warnings about those fields of `given` that are set."""
    return [f"{text}." for name, text in sentences.items() if given.get(name)]
