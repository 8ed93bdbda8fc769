"""Jobs that are made of jobs: sweeps and pipelines."""
