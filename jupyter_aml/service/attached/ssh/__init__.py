"""The kind ``ssh``: any machine that the ``ssh`` program reaches."""
