"""THE DAEMON: one per user, owns the state, runs `python -m jupyter_aml.service`."""
