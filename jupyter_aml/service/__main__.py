"""``python -m jupyter_aml.service --home HOME``."""

import sys

from jupyter_aml.service.app import main

if __name__ == "__main__":
    sys.exit(main())
