"""What answers requests: the scoring processes of deployments, and the router of an endpoint.

Both are programs that the service starts by path (`boot.py`) and that outlive it. Nothing here
imports anything of ours, and the scoring half needs the standard library alone: it runs in the
interpreter of the user's environment. docs/developer/contracts.md says what each promises.
"""
