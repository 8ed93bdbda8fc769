"""Why a job failed: rules as data over what is known of its end and the end of its output.

``symptoms`` is what goes in, ``raised`` reads tracebacks, ``rule`` says what a rule is, ``rules``
are the rules themselves (one file per group), ``remedy`` makes their fixes concrete, ``diagnose``
asks them in turn. Pure: no file is read here. Nothing is said when no rule is sure.
"""
