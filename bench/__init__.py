"""Measurements of this package and of its peers in the same round. A benchmark is not a test.

``python -m bench`` prints ratios (``make bench`` calls it), ``python -m bench.soak`` kills things
for as long as you let it. Modules that run inside a peer's own environment (`floor`, `peers`,
`driver`) import nothing of jupyter_aml and nothing of the rest of this package.
"""
