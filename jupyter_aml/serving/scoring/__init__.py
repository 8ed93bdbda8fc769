"""A scoring process: the user's script, called as Azure's inference server calls it."""
