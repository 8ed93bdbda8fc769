"""`DeployForm`: give a registered model a URL that stays up, and watch it come."""

from __future__ import annotations

import re
from typing import Any

import msgspec
from traitlets import CInt, Enum, Unicode

from jupyter_aml.client.client import Client
from jupyter_aml.kernel.widgets import deploy_html, size_filter
from jupyter_aml.kernel.widgets.base import AmlWidget
from jupyter_aml.kernel.widgets.live import Change
from jupyter_aml.model.compute import VmSize
from jupyter_aml.model.endpoint import (
    ENDPOINT_NAME,
    CreateOnlineDeployment,
    CreateOnlineEndpoint,
    OnlineDeployment,
    ScaleSettings,
    StartRollout,
    UpdateOnlineEndpoint,
)
from jupyter_aml.model.errors import AmlError, ErrorBody, Invalid

_DEFAULT_SIZE = "Standard_DS3_v2"
_UNSAFE = re.compile(r"[^a-zA-Z0-9]+")


class DeployForm(AmlWidget):
    """``DeployForm("digits:1")``; `state` and `scoring_uri` tell how the deployment does.

    Its fields are traits: `model`, `endpoint`, `deployment`, `instance_type`, `min_instances`,
    `max_instances`, `start`. `deploy` does what the button does.
    """

    model = Unicode().tag(sync=True)
    """``name:version`` of a registered model."""
    endpoint = Unicode().tag(sync=True)
    """It is made if it is not there."""
    deployment = Unicode("blue").tag(sync=True)
    instance_type = Unicode().tag(sync=True)
    min_instances = CInt(1).tag(sync=True)
    max_instances = CInt(1).tag(sync=True)
    start = Enum(("all", "rollout", "none"), "all").tag(sync=True)
    """How it gets requests once it answers."""
    state = Unicode().tag(sync=True)
    """A word of `lifecycle.DEPLOYMENT`; "" before it was deployed. Set by the form alone."""
    scoring_uri = Unicode().tag(sync=True)
    """Where it answers; "" until it does."""

    def __init__(
        self, model: str = "", endpoint: str = "", *, client: Client | None = None, **traits: Any
    ) -> None:
        """The newest model and an endpoint of its name unless told. Raise as the client does."""
        self._sizes: dict[str, VmSize] = {}
        self._models: tuple[str, ...] = ()
        self._reason = ""
        self._error: ErrorBody | None = None
        self._shared = False
        super().__init__(client, _label="Deploy a model", **traits)
        self._read()
        self.model = model.removeprefix("azureml:") or (self._models[0] if self._models else "")
        self.endpoint = endpoint or _endpoint_name(self.model)
        self.instance_type = traits.get("instance_type", "") or self._preset()
        self._draw()
        self.observe(
            self._on_field,
            ["model", "instance_type", "min_instances", "max_instances", "start"],
        )

    # -- for the person who has it ----------------------------------------------------------------

    def deploy(self) -> DeployForm:
        """Make the endpoint where it is not there, and the deployment; return at once.

        Raise `Invalid` for fields that cannot be deployed, before anything is made.
        """
        if trouble := self._trouble():
            raise Invalid(trouble, target="form", hint="Change the field, then deploy again.")
        self._error, self._shared = None, False
        self.client.online_endpoints.create(CreateOnlineEndpoint(name=self.endpoint))
        self._take(self.client.online_deployments.create(self._wish()))
        self._follow()
        return self

    def code(self) -> str:
        """The line that does the same; a rollout is a second one."""
        line = (
            f"%aml deploy {self.model} --endpoint {self.endpoint} --deployment {self.deployment} "
            f"--min {self.min_instances} --max {self.max_instances}"
        )
        if self.instance_type:
            line += f" --instance-type {self.instance_type}"
        if self.start == "all":
            line += " --traffic 100"
        if self.start == "rollout":
            line += (
                f"\n%aml online-endpoint rollout {self.endpoint} --to {self.deployment} "
                f"--mirror {deploy_html.MIRROR}"
            )
        return line

    # -- inside -----------------------------------------------------------------------------------

    def _read(self) -> None:
        self._models = tuple(f"{one.name}:{one.version}" for one in self.client.models.list().value)
        found = size_filter.ordered(self.client.compute.sizes().value)
        self._sizes = {size.name: size for size in found}

    def _preset(self) -> str:
        if _DEFAULT_SIZE in self._sizes:
            return _DEFAULT_SIZE
        return size_filter.preset(self._sizes.values())

    def _wish(self) -> CreateOnlineDeployment:
        return CreateOnlineDeployment(
            name=self.deployment,
            endpoint_name=self.endpoint,
            model=f"azureml:{self.model}",
            instance_type=self.instance_type,
            scale_settings=ScaleSettings(
                min_instances=self.min_instances, max_instances=self.max_instances
            ),
        )

    def _trouble(self) -> str:
        """Why it cannot be deployed like this; empty when it can."""
        if not self.model:
            return "No model is registered yet: %aml model create --name NAME --from VARIABLE"
        for what, name in (("endpoint", self.endpoint), ("deployment", self.deployment)):
            if not re.fullmatch(ENDPOINT_NAME, name):
                rule = "3 to 32 letters, digits and single dashes, first a letter"
                return f"{name!r} cannot name the {what}: {rule}."
        if not 0 <= self.min_instances <= self.max_instances or not 1 <= self.max_instances <= 50:
            return "Instances: at least 0, at most 50, and not more at least than at most."
        return ""

    def _on_field(self, _: object) -> None:
        self._draw()

    # -- what happens -----------------------------------------------------------------------------

    def connected(self) -> None:
        """What was missed while the feed was away is asked for."""
        self._take(self.client.online_deployments.get(self.endpoint, self.deployment))

    def changed(self, change: Change) -> None:
        if change.noun != "deployment" or change.name != f"{self.endpoint}/{self.deployment}":
            return
        if bytes(change.object) == b"null":
            self._reason, self.scoring_uri, self.state = "deleted", "", ""
            self._draw()
            return
        self._take(msgspec.json.decode(change.object, type=OnlineDeployment))

    def _take(self, found: OnlineDeployment) -> None:
        """Show how it does; the first time that it answers, give it its traffic."""
        answers = found.state == "Succeeded" and not self._shared
        if answers:
            self._shared = True
            self._share()
        with self._drawing, self.hold_sync():
            # The state after its reason: who observes it, in whatever thread, reads both.
            self._reason, self._error = found.reason, found.error or self._error
            self.state = found.state
            if answers:
                self._said = f"{self.deployment} answers."
            elif found.state == "Failed":
                self._said = f"{self.deployment} failed: {found.reason}"
            self._draw()

    def _share(self) -> None:
        """Give it the traffic that was asked for. In the feed's thread: an error is shown."""
        try:
            endpoint = self.client.online_endpoints.get(self.endpoint)
            self.scoring_uri = endpoint.scoring_uri
            if self.start == "all":
                body = UpdateOnlineEndpoint(traffic={self.deployment: 100})
                self.client.online_endpoints.update(self.endpoint, body)
            elif self.start == "rollout":
                mirror = deploy_html.MIRROR if any(endpoint.traffic.values()) else 0
                wish = StartRollout(deployment=self.deployment, mirror=mirror)
                self.client.online_endpoints.rollout(self.endpoint, wish)
        except AmlError as error:
            self._error = error.body()

    def _do(self, action: str, name: str) -> None:  # noqa: ARG002
        if action == "deploy":
            try:
                self.deploy()
            except AmlError as error:
                self._error = error.body()
                raise
        elif action == "code":
            self.send({"copy": self.code()})
            self._said = "Copied"

    # -- what it shows ----------------------------------------------------------------------------

    def _form(self) -> deploy_html.Form:
        return deploy_html.Form(
            model=self.model,
            endpoint=self.endpoint,
            deployment=self.deployment,
            size=self._sizes.get(self.instance_type),
            minimum=self.min_instances,
            maximum=self.max_instances,
            start=self.start,
            state=self.state,
            reason=self._reason,
            scoring_uri=self.scoring_uri,
            trouble=self._trouble(),
            error=self._error,
            key=self._display_id,
            models=self._models,
            sizes=tuple(self._sizes.values()),
        )

    def _html(self) -> str:
        return deploy_html.form(self._form())

    def _picture(self) -> str:
        return deploy_html.picture(self._form())

    def _text(self) -> str:
        return deploy_html.text(self._form())


def _endpoint_name(model: str) -> str:
    """The model's name, as far as an endpoint may have it."""
    name = _UNSAFE.sub("-", model.partition(":")[0]).strip("-")[:32]
    return name if re.fullmatch(ENDPOINT_NAME, name) else f"{name or 'model'}-endpoint"
