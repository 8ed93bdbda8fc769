"""The rules, most telling first: a group earlier in this list wins where two would speak."""

from __future__ import annotations

from jupyter_aml.service.doctor.rule import Rule
from jupyter_aml.service.doctor.rules.disk import DISK
from jupyter_aml.service.doctor.rules.ending import ENDING
from jupyter_aml.service.doctor.rules.files import FILES
from jupyter_aml.service.doctor.rules.gpu import GPU
from jupyter_aml.service.doctor.rules.memory import MEMORY
from jupyter_aml.service.doctor.rules.modules import MODULES
from jupyter_aml.service.doctor.rules.network import NETWORK
from jupyter_aml.service.doctor.rules.pickling import PICKLING
from jupyter_aml.service.doctor.rules.versions import VERSIONS

RULES: tuple[Rule, ...] = (
    *MEMORY,
    *GPU,
    *DISK,
    *VERSIONS,
    *MODULES,
    *PICKLING,
    *NETWORK,
    *FILES,
    *ENDING,
)
