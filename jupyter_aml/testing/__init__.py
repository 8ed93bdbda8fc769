"""For everybody who builds on jupyter_aml: fakes, conformance suites and pytest fixtures.

A backend's whole test file::

    from jupyter_aml.testing.backend_suite import BackendSuite
    from jupyter_aml.testing.plugin import backend_parts  # in a conftest.py

    class TestMine(BackendSuite):
        @pytest.fixture
        async def backend(self, backend_parts):
            backend = MyBackend(**backend_parts)
            await backend.open()
            yield backend
            await backend.close(end_everything=True)
"""
