"""Environments: from a wish (requirements, a conda file, a name) to a built interpreter.

`catalogue` knows names, `wish` turns what was asked into a content, `builds` makes contents into
folders. Nothing here knows jobs: a backend asks for a name's interpreter and waits for its build.
"""
