"""``python -m hhpu``: the same as the ``hhpu`` command."""

import sys

from hhpu.cli import main

if __name__ == "__main__":
    sys.exit(main())
