"""Online endpoints as far as no process is concerned: what is kept, what is refused, what to do.

Pure but for `keys`, which are a file. `service.backends.local.endpoints` performs.
"""
