"""``jupyter aml …``: the verbs of `jupyter_aml.grammar` in a terminal."""
