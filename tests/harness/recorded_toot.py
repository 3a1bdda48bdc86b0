"""`python -m harness.recorded_toot …` is toot with the recorder switched on, nothing else."""

import sys

from harness import recorder


def main() -> None:
    recorder.install()
    from toot.cli import cli

    sys.argv[0] = "toot"
    cli()


main()
