"""The commands and their groups. The module of a command imports nothing heavy until the command runs.

``llmx extract`` makes that command alone: to import all of them, and to read their options, takes longer than the rest
of a page of help.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from importlib import import_module
from typing import Annotated

import typer

from llmx.cli.panels import PanelCommand, PanelGroup


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version  # noqa: PLC0415 - slow

        typer.echo(f"llmx {version('llmx-extract')}")
        raise typer.Exit


def root(
    _version_wanted: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """Turn piles of documents into validated records with an LLM; every value comes with its proof."""


_COMPLETING = "_LLMX_COMPLETE"  # set by the shell that completes a command line
_EXTRACT, _EVALUATE, _LOOK, _CARE = "Extract", "Evaluate and correct", "Inspect", "Look after"
_COMMANDS = {
    "init": (
        "init_command.init", _EXTRACT,
        "Write a project to start from: a schema, documents with gold, settings, a prompt, and a check for CI.",
    ),
    "extract": (
        "extract_command.extract", _EXTRACT,
        "Extract one validated record from each document, with the words that prove every value.",
    ),
    "run": (
        "job_command.run", _EXTRACT,
        "Run a job that a file describes, as llmx extract does; run it again, and it goes on where it was.",
    ),
    "plan": (
        "plan_command.plan", _EXTRACT,
        "Say what a large run would take: requests, tokens, money, days, machines and disk.",
    ),
    "status": (
        "run_command.status", _EXTRACT,
        "Show the progress of a run: its documents by status, why each was extracted, and whether it is running.",
    ),
    "report": (
        "run_command.report", _EXTRACT,
        "Show what stands out in a run: its slowest, most expensive and most re-asked documents, failures and fields.",
    ),
    "watch": (
        "watch_command.watch", _EXTRACT,
        "Extract what arrives in a folder as its files arrive, until Ctrl-C: one run after the other into one output.",
    ),
    "convert": (
        "convert_command.convert", _EXTRACT,
        "Write the records of a finished run in another format, without asking a model again.",
    ),
    "link": (
        "link_command.link", _EXTRACT,
        "Find out which names of a run are one thing, and which records tell of one event.",
    ),
    "graph": (
        "link_command.graph", _EXTRACT,
        "Write the graph of a linked run: its entities and events, and who stands together with whom.",
    ),
    "eval": (
        "quality_command.evaluate", _EVALUATE,
        "Score records against gold: precision, recall and F1 by field; compare runs; gate a build.",
    ),
    "calibrate": (
        "calibrate_command.calibrate", _EVALUATE,
        "Fit confidence to gold, so that of the values with a confidence of 0.8 eight in ten are right.",
    ),
    "view": (
        "quality_command.view", _EVALUATE,
        "Write one self-contained HTML page that shows records beside their documents, with the proof of each value.",
    ),
    "review": ("quality_command.review", _EVALUATE, "Correct records in a local web page and save them as gold."),
    "sweep": (
        "sweep_command.sweep", _EVALUATE,
        "Compare models, prompts and options on documents with gold: their quality, cost and time.",
    ),
    "examples": (
        "examples_command.examples", _EVALUATE,
        "Choose few-shot examples from documents with gold, and write them as YAML.",
    ),
    "tune": (
        "tune_command.tune", _EVALUATE,
        "Search for a better prompt: try examples, notations and instructions on documents with gold.",
    ),
    "doctor": (
        "doctor_command.doctor", _LOOK,
        "Check the endpoint: whether it is reachable, its models, the modes it truly honours, its context, its speed.",
    ),
    "models": (
        "models_command.models", _LOOK,
        "List the names of providers: the variable of the key, the base URL, and what was probed there.",
    ),
    "serve": (
        "serve_command.serve", _LOOK,
        "Serve the embedded model on 127.0.0.1 until Ctrl-C, and print its base URL on standard output.",
    ),
    "serve-api": (
        "service_command.serve_api", _EXTRACT,
        "Serve extraction over HTTP until Ctrl-C: post a document to /records/SCHEMA and get its records.",
    ),
    "mcp": (
        "service_command.mcp", _EXTRACT,
        "Serve tools for agents by the Model Context Protocol, on standard input and output: extract, status, eval.",
    ),
    "model": ("model_command.app", _LOOK, "The models that run on this machine."),
    "schema": ("schema_command.app", _LOOK, "Show, check, compare and propose schemas."),
    "config": ("config_command.app", _LOOK, "Show every setting, its value, and where it comes from."),
    "prompt": ("prompt_command.app", _LOOK, "Show prompts."),
    "keys": ("keys_command.app", _CARE, "API keys in the system's keyring."),
    "batch": ("batch_command.app", _EXTRACT, "Runs over a provider's batch API (llmx extract --batch)."),
    "cache": ("cache_command.app", _CARE, "The private cache of answers."),
    "cassette": ("cassette_command.app", _CARE, "Recorded answers, for replays without a network."),
}  # fmt: skip
"""Each command or group, in the order of the help: where it is defined, its panel, and what the page of all says."""


def app_of(names: Iterable[str] = _COMMANDS) -> typer.Typer:
    """Return the app with the commands called ``names``, all of them by default."""
    app = _empty_app()
    for name in names:
        place, panel, _ = _COMMANDS[name]
        module, _, member = place.partition(".")
        command = getattr(import_module(f"llmx.cli.{module}"), member)
        if isinstance(command, typer.Typer):
            app.add_typer(command, name=name, rich_help_panel=panel)
        else:
            app.command(name, cls=PanelCommand, rich_help_panel=panel)(command)
    return app


def page_app() -> typer.Typer:
    """Return the app for the page of all commands: it has their names and what the page says, and imports none."""
    app = _empty_app()
    for name, (_, panel, told) in _COMMANDS.items():
        app.command(name, help=told, cls=PanelCommand, rich_help_panel=panel)(lambda: None)
    return app


def _empty_app() -> typer.Typer:
    app = typer.Typer(
        cls=PanelGroup,
        help="llmx turns piles of documents into validated records with an LLM; every value comes with its proof.",
        no_args_is_help=True,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(root)
    return app


def app_for(words: list[str]) -> typer.Typer:
    """Return the app that a command line needs: the one command that it begins with, or the page, else all."""
    if words and words[0] in _COMMANDS:
        return app_of(words[:1])
    is_page = words in ([], ["--help"], ["-h"], ["--version"]) and _COMPLETING not in os.environ
    return page_app() if is_page else app_of()


def __getattr__(name: str) -> typer.Typer:
    if name != "app":  # all commands, for whoever embeds or describes them
        raise AttributeError(f"module 'llmx.cli.app' has no attribute {name!r}")
    return app_of()
