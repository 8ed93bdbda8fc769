"""``aml.widgets``: sizes, compute, jobs, costs and deployments as widgets of a notebook.

They are anywidgets, so they show in JupyterLab, Notebook 7, VS Code and Colab, and their traits
are observed and linked like those of any ipywidget. Beside the live view each leaves a picture of
itself as plain HTML and as text, for what runs no widgets: nbconvert, GitHub, a terminal.

What a widget looks like is made here, in Python, once for the view and for the picture; the front
end (``front/widget.js``) draws it and sends back what a person does. Importing this loads
ipywidgets; nothing of ours does so by itself.
"""

from __future__ import annotations

from jupyter_aml.kernel.widgets.compute_panel import ComputePanel
from jupyter_aml.kernel.widgets.cost_meter import CostMeter
from jupyter_aml.kernel.widgets.deploy_form import DeployForm
from jupyter_aml.kernel.widgets.job_monitor import JobMonitor
from jupyter_aml.kernel.widgets.size_picker import SizePicker

__all__ = ["ComputePanel", "CostMeter", "DeployForm", "JobMonitor", "SizePicker"]
