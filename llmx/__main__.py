"""``python -m llmx``: the same as the command."""

from llmx.cli import main

main()
