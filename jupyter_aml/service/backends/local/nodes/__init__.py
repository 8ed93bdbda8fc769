"""Nodes: the processes that run jobs, and the computes they belong to, coming and going."""
