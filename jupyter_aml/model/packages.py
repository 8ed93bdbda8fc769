"""What to install for a module: packages whose name on the index is another than the module's."""

from __future__ import annotations

import re

PACKAGE_OF = {
    "Bio": "biopython",
    "Crypto": "pycryptodome",
    "MySQLdb": "mysqlclient",
    "OpenSSL": "pyOpenSSL",
    "PIL": "pillow",
    "attr": "attrs",
    "azure": "azure-ai-ml",
    "bs4": "beautifulsoup4",
    "community": "python-louvain",
    "cv2": "opencv-python-headless",
    "dateutil": "python-dateutil",
    "dotenv": "python-dotenv",
    "faiss": "faiss-cpu",
    "fitz": "pymupdf",
    "git": "GitPython",
    "google": "google-cloud-core",
    "graphviz": "graphviz",
    "hydra": "hydra-core",
    "igraph": "python-igraph",
    "imblearn": "imbalanced-learn",
    "docx": "python-docx",
    "pptx": "python-pptx",
    "pytables": "tables",
    "distutils": "setuptools",
    "jose": "python-jose",
    "jwt": "PyJWT",
    "magic": "python-magic",
    "mpl_toolkits": "matplotlib",
    "osgeo": "gdal",
    "pkg_resources": "setuptools",
    "psycopg2": "psycopg2-binary",
    "serial": "pyserial",
    "skimage": "scikit-image",
    "sklearn": "scikit-learn",
    "snappy": "python-snappy",
    "tables": "tables",
    "umap": "umap-learn",
    "usb": "pyusb",
    "win32api": "pywin32",
    "yaml": "pyyaml",
    "zmq": "pyzmq",
}


_SHARED = re.compile(r"\b(azure|google)\.([\w.]+)(?: +import +(\w+))?")
"""A name that many packages share: the package is called as the whole path is."""


def package_of(module: str, line: str = "") -> str:
    """What to install for a module: its top-level name, unless the index has another.

    `line` is the one that imports it, which says more of a name that many packages share.
    """
    top = module.partition(".")[0]
    for text in (line, module):
        shared = _SHARED.search(text)
        if shared and shared[1] == top:
            return _of_shared(top, shared[2].split("."), shared[3] or "")
    return PACKAGE_OF.get(top, top.replace("_", "-"))


def _of_shared(top: str, path: list[str], name: str) -> str:
    """``google.cloud`` + ``bigquery``: google-cloud-bigquery; ``azure.ai.ml``: azure-ai-ml."""
    if path[0] == "protobuf":
        return "protobuf"
    if path == ["cloud"] and name:
        path = [*path, name]
    return "-".join([top, *path[:2]]).replace("_", "-")
