"""Kernels on instances, as Jupyter Server sees them: start, watch, find again, let go."""
