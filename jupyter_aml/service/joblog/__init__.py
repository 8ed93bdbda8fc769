"""The event log of each job: raw files that the job writes, merged into one numbered order."""

from jupyter_aml.service.joblog.log import JobLog
from jupyter_aml.service.joblog.logs import JobLogs

__all__ = ["JobLog", "JobLogs"]
