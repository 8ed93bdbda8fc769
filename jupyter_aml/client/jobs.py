"""The client's facet ``jobs``: create, look up, follow, cancel, fetch."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from jupyter_aml.client.facet import Facet
from jupyter_aml.client.follow import Following, present
from jupyter_aml.client.jobpaths import whole
from jupyter_aml.client.transport import Stream
from jupyter_aml.model import api
from jupyter_aml.model.compute import (
    SampleList,
)
from jupyter_aml.model.diagnosis import DiagnosisAnswer
from jupyter_aml.model.event import Event
from jupyter_aml.model.job import (
    CreateJob,
    FileList,
    Job,
    JobPage,
    JobSpec,
    UpdateJob,
)
from jupyter_aml.model.many import CreateJobs, JobList
from jupyter_aml.model.names import new_job_name
from jupyter_aml.model.pipeline import StepList
from jupyter_aml.model.preflight import CheckJob, Preflight
from jupyter_aml.model.registry import JobMetrics
from jupyter_aml.model.sweep import TrialList
from jupyter_aml.model.waiting import Wait


class Jobs(Facet):
    def list(
        self,
        *,
        max_results: int = 50,
        after: str = "",
        include_archived: bool = False,
        status: str = "",
        compute: str = "",
        experiment_name: str = "",
        parent: str = "",
    ) -> JobPage:
        """A page, newest first. `status` is one status word, or "active".

        The parts of a sweep or pipeline are listed by its name as `parent`, and nowhere else.
        """
        query = api.ListJobs(
            max_results=max_results,
            after=after,
            include_archived=include_archived,
            status=status,
            compute=compute,
            experiment_name=experiment_name,
            parent=parent,
        )
        return self._call("jobs.list", JobPage, query=query)

    def get(self, name: str) -> Job:
        return self._call("jobs.get", Job, name=name)

    def create(self, spec: JobSpec, name: str = "") -> Job:
        """Return when the job is durably accepted. Relative paths count from the current folder.

        It always has a name before it is sent, so that sending it again cannot make a second one.
        """
        body = CreateJob(spec=whole(spec), name=name or new_job_name())
        return self._call("jobs.create", Job, body=body)

    def create_many(self, specs: Sequence[JobSpec], names: Sequence[str] = ()) -> Sequence[Job]:
        """Return when all are durably accepted; refused, none of them is. In one request.

        At most `model.many.MOST_AT_ONCE`. `names`, where given, has one for each.
        """
        chosen = names or [new_job_name() for _ in specs]
        jobs = [
            CreateJob(spec=whole(spec), name=name) for spec, name in zip(specs, chosen, strict=True)
        ]
        if not jobs:
            return []
        return self._call("jobs.create_many", JobList, body=CreateJobs(jobs=jobs)).value

    def run(self, spec: JobSpec, name: str = "") -> Following:
        """`create` and `follow` in one request."""
        body = CreateJob(spec=spec, name=name or new_job_name())
        return Following(self, body.name, stream=lambda: self._stream("jobs.run", body=body))

    def check(self, spec: JobSpec, name: str = "") -> Job:
        """Raise what `create` would raise; nothing is kept."""
        return self._call("jobs.check", Job, body=CreateJob(spec=whole(spec), name=name))

    def preflight(self, body: CheckJob) -> Preflight:
        """What the job would cost, take along and meet; nothing is kept."""
        return self._call("jobs.preflight", Preflight, body=body)

    def wait(self, name: str) -> Wait:
        """Why it has not started yet, stage by stage. Returns at once: it waits for nothing."""
        return self._call("jobs.wait", Wait, name=name)

    def diagnosis(self, name: str) -> DiagnosisAnswer:
        """Why it failed, where a rule is sure."""
        return self._call("jobs.diagnosis", DiagnosisAnswer, name=name)

    def follow(self, name: str, after: int = 0, wait: bool = True) -> Iterator[Event]:
        """Its events from `after` on, whatever happens to the service; see `client.follow`."""
        return iter(Following(self, name, after=after)) if wait else present(self, name, after)

    def events(self, name: str, *, after: int = 0, wait: bool = True) -> Stream:
        """One request for its events: ends when the service goes away. See `follow`."""
        return self._stream("jobs.events", query=api.FollowJob(after=after, wait=wait), name=name)

    def cancel(self, name: str) -> Job:
        """Ask it to stop. Cancelling a finished job returns it unchanged."""
        return self._call("jobs.cancel", Job, name=name)

    def update(self, name: str, body: UpdateJob) -> Job:
        """Change what it is shown by: see `model.job.UpdateJob`."""
        return self._call("jobs.update", Job, body=body, name=name)

    def archive(self, name: str) -> Job:
        return self._call("jobs.archive", Job, name=name)

    def restore(self, name: str) -> Job:
        return self._call("jobs.restore", Job, name=name)

    def history(self, name: str, *, seconds: int = 600) -> SampleList:
        return self._call("jobs.history", SampleList, query=api.History(seconds=seconds), name=name)

    def metrics(self, name: str) -> JobMetrics:
        """What it logged so far, by `aml.log` and through MLflow."""
        return self._call("jobs.metrics", JobMetrics, name=name)

    def trials(self, name: str) -> TrialList:
        """The trials of a sweep as they are, the best one marked."""
        return self._call("jobs.trials", TrialList, name=name)

    def steps(self, name: str) -> StepList:
        """The steps of a pipeline as they are, in the order in which they were given."""
        return self._call("jobs.steps", StepList, name=name)

    def result(self, name: str) -> Iterator[bytes]:
        """The signed pickle of the variables it left, then their buffers."""
        return self._stream("jobs.result", name=name).pieces()

    def files(self, name: str) -> FileList:
        return self._call("jobs.files", FileList, name=name)

    def read(self, name: str, path: str, offset: int = 0) -> Iterator[bytes]:
        """The bytes of one of its files, from `offset` on."""
        query = api.ReadFile(path=path, offset=offset)
        return self._stream("jobs.read", query=query, name=name).pieces()
