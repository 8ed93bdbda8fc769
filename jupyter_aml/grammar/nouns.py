"""The list of all nouns, in the order of the help."""

from __future__ import annotations

from jupyter_aml.grammar.language import Noun
from jupyter_aml.grammar.verbs.batch_deployment import BATCH_DEPLOYMENT
from jupyter_aml.grammar.verbs.batch_endpoint import BATCH_ENDPOINT
from jupyter_aml.grammar.verbs.component import COMPONENT
from jupyter_aml.grammar.verbs.compute import COMPUTE
from jupyter_aml.grammar.verbs.connection import CONNECTION
from jupyter_aml.grammar.verbs.cost import COST
from jupyter_aml.grammar.verbs.data import DATA
from jupyter_aml.grammar.verbs.datastore import DATASTORE
from jupyter_aml.grammar.verbs.deploy import DEPLOY
from jupyter_aml.grammar.verbs.environment import ENVIRONMENT
from jupyter_aml.grammar.verbs.job import JOB_NOUN
from jupyter_aml.grammar.verbs.model import MODEL
from jupyter_aml.grammar.verbs.notebook import NOTEBOOK
from jupyter_aml.grammar.verbs.online_deployment import ONLINE_DEPLOYMENT
from jupyter_aml.grammar.verbs.online_endpoint import ONLINE_ENDPOINT
from jupyter_aml.grammar.verbs.overview import OVERVIEW
from jupyter_aml.grammar.verbs.preferences import PREFERENCES
from jupyter_aml.grammar.verbs.schedule import SCHEDULE
from jupyter_aml.grammar.verbs.service import DOCTOR, SERVICE
from jupyter_aml.grammar.verbs.session import SESSION
from jupyter_aml.grammar.verbs.workspace import WORKSPACE

NOUNS: tuple[Noun, ...] = (
    OVERVIEW,
    WORKSPACE,
    COMPUTE,
    JOB_NOUN,
    NOTEBOOK,
    ENVIRONMENT,
    DATA,
    DATASTORE,
    MODEL,
    DEPLOY,
    ONLINE_ENDPOINT,
    ONLINE_DEPLOYMENT,
    BATCH_ENDPOINT,
    BATCH_DEPLOYMENT,
    COMPONENT,
    SCHEDULE,
    CONNECTION,
    SESSION,
    COST,
    PREFERENCES,
    SERVICE,
    DOCTOR,
)

BY_NAME = {noun.name: noun for noun in NOUNS}
