"""ON A NODE: runs a command or a cell. Imports nothing of ours, so that it can travel."""
