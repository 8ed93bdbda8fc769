"""The shipped fixtures, for the tests of the service itself."""

from jupyter_aml.testing.plugin import aml_home, backend_parts, fake_service  # noqa: F401
