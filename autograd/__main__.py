"""The command line: `python -m autograd` says what it can do."""

import sys

from autograd.command import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
