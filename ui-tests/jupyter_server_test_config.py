"""A Jupyter Server for the browser tests alone: no token, so never for use."""

import os

from jupyterlab.galata import configure_jupyter_server

c = get_config()  # noqa: F821  (given by traitlets)

configure_jupyter_server(c)

c.ServerApp.port = int(os.environ["JUPYTER_AML_UI_PORT"])
c.ServerApp.root_dir = os.environ["JUPYTER_AML_UI_ROOT"]
# The page of Notebook 7 is another application of the same server.
c.JupyterNotebookApp.expose_app_in_browser = True
