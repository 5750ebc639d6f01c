"""The command line: it parses arguments, calls one library function and prints. stdout is data, stderr is talk."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line. Exit codes: 0 all ok, 1 some documents not, 2 usage or configuration, 130 interrupted."""
    from llmx.cli.app import app  # noqa: PLC0415 - typer is not needed for `import llmx.cli`
    from llmx.errors import LlmxError  # noqa: PLC0415

    try:
        app(prog_name="llmx")
    except LlmxError as error:
        sys.stderr.write(f"llmx: {error}\n")
        sys.exit(error.exit_code)
    except BrokenPipeError:
        sys.stderr.close()  # the reader of our stdout went away: `llmx … | head` is no error
        sys.exit(0)
    except KeyboardInterrupt:
        sys.stderr.write("llmx: interrupted\n")
        sys.exit(130)
