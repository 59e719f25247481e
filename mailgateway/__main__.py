"""The program `mailgateway`, also as `python -m mailgateway`."""

import io
import sys

from mailgateway.cli import app


def main() -> None:
    """Run the command line and end the process with its exit code."""
    for stream in (sys.stdout, sys.stderr):
        # What strange mails hold (lone surrogates) and what the terminal lacks must not end a command.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    app(prog_name="mailgateway")


if __name__ == "__main__":
    main()
