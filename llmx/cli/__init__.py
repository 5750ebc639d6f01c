"""The command line: it parses arguments, calls one library function and prints. stdout is data, stderr is talk."""

from __future__ import annotations

import gc
import sys

from llmx.collector import loading


def main() -> None:
    """Run the command line. Exit codes: 0 all ok, 1 some documents not, 2 usage or configuration, 130 interrupted."""
    with loading():
        from llmx.cli.app import app_for  # noqa: PLC0415 - typer is not needed for `import llmx.cli`
        from llmx.errors import LlmxError  # noqa: PLC0415

        app = app_for(sys.argv[1:])
    try:
        app(prog_name="llmx")
    except LlmxError as error:
        if isinstance(error.__cause__, BrokenPipeError):
            _gone()
        sys.stderr.write(f"llmx: {error}\n")
        sys.exit(error.exit_code)
    except BrokenPipeError:
        _gone()
    except KeyboardInterrupt:
        sys.stderr.write("llmx: interrupted\n")
        sys.exit(130)
    finally:
        gc.freeze()  # the process ends: the system takes back what Python would look through once more


def _gone() -> None:
    """End quietly: the reader of our stdout went away, and ``llmx … | head`` is no error."""
    sys.stderr.close()
    sys.exit(0)
