"""ON A NODE: runs a command or a cell. Imports nothing of ours, so that it can travel.

`nursery` forks nodes, a `node` keeps a spare process ready and gives it a task, the spare becomes
the job. What they promise the service is in docs/developer/contracts.md. The folder also loads by
path, as the package ``jupyter_aml_runner``, under an interpreter that has not got us (`boot`).
"""
