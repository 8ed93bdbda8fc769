"""A pipeline or component as it was sent, to what is stored: checked, with everything written out.

Every program in it is checked and kept as a job of its own would be, by whoever drives the
generators here: each yields the spec of some job and is sent that spec as it was settled, or is
thrown the refusal. So checking (which keeps nothing) and settling take the same way.

`pipeline` and `component` are the doors, `steps` what both hold, `program` a step that is a
program, `asking` how the generators are driven.
"""
