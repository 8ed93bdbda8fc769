"""Jobs, and what belongs to them: cells, sessions, kernels, snapshots."""

from __future__ import annotations

from jupyter_aml.model.compute import (
    SampleList,
)
from jupyter_aml.model.diagnosis import DiagnosisAnswer
from jupyter_aml.model.job import (
    CellRun,
    CreateJob,
    FileList,
    Job,
    JobPage,
    SessionList,
    Snapshot,
    UpdateJob,
)
from jupyter_aml.model.kernel import Kernel, KernelList, StartKernel
from jupyter_aml.model.many import CreateJobs, JobList
from jupyter_aml.model.pipeline import StepList
from jupyter_aml.model.preflight import CheckJob, Preflight
from jupyter_aml.model.queries import (
    FindCell,
    FollowJob,
    History,
    ListJobs,
    ReadFile,
    TakeSnapshot,
)
from jupyter_aml.model.registry import JobMetrics
from jupyter_aml.model.route import Route, route
from jupyter_aml.model.sweep import TrialList
from jupyter_aml.model.waiting import Wait

ROUTES: tuple[Route, ...] = (
    route("jobs.list", "GET /jobs", "Jobs, newest first.", query=ListJobs, returns=JobPage),
    route("jobs.get", "GET /jobs/{name}", "One job.", returns=Job),
    route("jobs.create", "POST /jobs", "Accept a job durably.", body=CreateJob, returns=Job),
    route(
        "jobs.create_many",
        "POST /jobs/many",
        "Accept many jobs durably, all of them or none.",
        body=CreateJobs,
        returns=JobList,
    ),
    route(
        "jobs.run",
        "POST /jobs/run",
        "Accept a job durably; the job is the first line, its events follow.",
        body=CreateJob,
        stream=True,
    ),
    route(
        "jobs.check",
        "POST /jobs/check",
        "Refuse now what would be refused by create.",
        body=CreateJob,
        returns=Job,
    ),
    route(
        "jobs.preflight",
        "POST /jobs/preflight",
        "What a job would cost, take along and meet; nothing is kept.",
        body=CheckJob,
        returns=Preflight,
    ),
    route(
        "jobs.wait",
        "GET /jobs/{name}/wait",
        "Why it has not started yet, stage by stage, and how long that usually takes.",
        returns=Wait,
    ),
    route(
        "jobs.diagnosis",
        "GET /jobs/{name}/diagnosis",
        "Why it failed, where a rule is sure.",
        returns=DiagnosisAnswer,
    ),
    route("jobs.cancel", "POST /jobs/{name}/cancel", "Ask the job to stop.", returns=Job),
    route(
        "jobs.update",
        "PATCH /jobs/{name}",
        "Change its name on screens, description, tags or properties.",
        body=UpdateJob,
        returns=Job,
    ),
    route("jobs.archive", "POST /jobs/{name}/archive", "Hide it from lists.", returns=Job),
    route("jobs.restore", "POST /jobs/{name}/restore", "Show it in lists again.", returns=Job),
    route(
        "jobs.events",
        "GET /jobs/{name}/events",
        "Its event log, live.",
        query=FollowJob,
        stream=True,
    ),
    route(
        "jobs.history",
        "GET /jobs/{name}/history",
        "CPU, memory, disk and GPU it used.",
        query=History,
        returns=SampleList,
    ),
    route(
        "jobs.metrics",
        "GET /jobs/{name}/metrics",
        "What it logged, by aml.log and through MLflow.",
        returns=JobMetrics,
    ),
    route(
        "jobs.trials",
        "GET /jobs/{name}/trials",
        "The trials of a sweep, the best one marked.",
        returns=TrialList,
    ),
    route(
        "jobs.steps",
        "GET /jobs/{name}/steps",
        "The steps of a pipeline: what each needs, what became of it, and why.",
        returns=StepList,
    ),
    route(
        "jobs.result",
        "GET /jobs/{name}/result",
        "The signed pickle of the variables it left.",
        stream=True,
    ),
    route(
        "jobs.files",
        "GET /jobs/{name}/files",
        "Files it left: outputs, new files, logs.",
        returns=FileList,
    ),
    route(
        "jobs.read",
        "GET /jobs/{name}/file",
        "The bytes of one of them.",
        query=ReadFile,
        stream=True,
    ),
    route("cells.get", "GET /cells", "The newest run of a cell.", query=FindCell, returns=CellRun),
    route("sessions.list", "GET /sessions", "Kept processes.", returns=SessionList),
    route("sessions.delete", "DELETE /sessions/{name}", "End one.", returns=SessionList),
    route("kernels.list", "GET /kernels", "Kernels on instances.", returns=KernelList),
    route(
        "kernels.start",
        "POST /kernels",
        "Start a notebook's kernel on an instance, or take up the one of that name.",
        body=StartKernel,
        returns=Kernel,
    ),
    route(
        "kernels.get",
        "GET /kernels/{name}",
        "One kernel, also the last end of one that is gone.",
        returns=Kernel,
    ),
    route("kernels.delete", "DELETE /kernels/{name}", "End it.", returns=Kernel),
    route(
        "snapshots.create",
        "POST /snapshots",
        "Take a snapshot of a code folder.",
        body=TakeSnapshot,
        returns=Snapshot,
    ),
)
