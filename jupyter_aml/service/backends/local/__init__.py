"""The embedded default: real processes on this machine, no account."""
