"""Machines that somebody else runs: the contract of a kind, the kinds, and where they are found."""
