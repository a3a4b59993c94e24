"""``python -m dms_workbench.surfaces.cli`` is ``dms``."""

from __future__ import annotations

import sys

from . import main

if __name__ == "__main__":
    sys.exit(main())
