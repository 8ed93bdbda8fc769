"""The shipped fixtures, taken as a stranger takes them."""

from jupyter_aml.testing.plugin import (  # noqa: F401
    aml_home,
    aml_service,
    backend_parts,
    fake_service,
)
