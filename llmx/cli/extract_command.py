"""``llmx extract``: documents in, validated records out."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from llmx.cli import fallback_options, options, paged_options, verify_options
from llmx.cli.extract_job import prepare, run_job
from llmx.cli.panels import ANSWERS, BATCH, INPUT, MODEL, MONEY, OUTPUT, PROOF, RUN, argument, option
from llmx.collector import load


def extract(
    documents: Annotated[
        list[str],
        argument("DOCUMENTS", "Files, folders, globs, or .jsonl and .csv files of rows; '-' is standard input."),
    ],
    text_field: Annotated[
        str | None,
        option("--text-field", help="The column of a row that holds the text.", panel=INPUT, metavar="NAME",
               default="text"),
    ] = None,
    id_field: Annotated[
        str | None,
        option("--id-field", help="The column of a row that holds its id.", panel=INPUT, metavar="NAME",
               default="id, if there is one"),
    ] = None,
    date_field: Annotated[
        str | None,
        option("--date-field", help="The column of a row that holds the document's own date, from which words such as "
               "'yesterday' count.", panel=INPUT, metavar="NAME", default="none; a dateline in the text counts"),
    ] = None,
    allow_urls: Annotated[
        bool,
        option("--allow-urls", help="Fetch documents that are URLs: https://…, sitemap:https://…, feed:https://….",
               panel=INPUT),
    ] = False,
    url_field: Annotated[
        str | None,
        option("--url-field", help="The column of a row that holds the URL of its document. Needs --allow-urls.",
               panel=INPUT, metavar="NAME"),
    ] = None,
    allow_private_hosts: Annotated[
        list[str] | None,
        option("--allow-private-hosts", help="Fetch from this host of a private network, too. Can be repeated.",
               panel=INPUT, metavar="HOST[:PORT]"),
    ] = None,
    url_delay: Annotated[
        float | None,
        option("--url-delay", help="Seconds between two requests to one host.", panel=INPUT, metavar="SECONDS",
               default="1, and 0 for private hosts"),
    ] = None,
    user_agent: Annotated[
        str | None,
        option("--user-agent", help="What the servers are told beside llmx's name, such as an address of yours.",
               panel=INPUT, metavar="TEXT"),
    ] = None,
    encoding: Annotated[
        str | None,
        option("--encoding", help="The encoding of the files, such as gb18030.", panel=INPUT, metavar="NAME",
               default="as each file declares, or UTF-8"),
    ] = None,
    pages: paged_options.Pages = None,
    password: paged_options.Password = None,
    ocr: paged_options.Ocr = None,
    ocr_engine: paged_options.OcrEngine = None,
    ocr_languages: paged_options.OcrLanguages = None,
    images: paged_options.Images = None,
    image_px: paged_options.ImagePx = None,
    layout: paged_options.Layout = None,
    locale: Annotated[
        str | None,
        option("--locale", help="The locale in which numbers and dates are written, such as de_CH.", panel=INPUT,
               metavar="LOCALE", default="from the document's language"),
    ] = None,
    redact_documents: Annotated[
        bool | None,
        option("--redact-documents/--no-redact-documents", help="Take keys, passwords and what the setting 'redact' "
               "lists out of the documents before anything is sent; a block stands for each character.", panel=INPUT,
               default="no-redact-documents"),
    ] = None,
    boilerplate: Annotated[
        str | None,
        option("--boilerplate", help="What to do with navigation, cookie notices and the like: 'drop' them, 'mark' "
               "values that stand in them, or 'keep' them.", panel=INPUT, metavar="drop|mark|keep", default="drop"),
    ] = None,
    chunk_tokens: Annotated[
        int | None,
        option("--chunk-tokens", help="The most tokens of a document in one request; longer documents are split, and "
               "their answers merged.", panel=INPUT, metavar="N", default=4000),
    ] = None,
    relevant_tokens: Annotated[
        int | None,
        option("--relevant", help="The most tokens of a document that are sent at all: of a longer one, the passages "
               "that bear most on the schema. The record says what was left out.", panel=INPUT, metavar="TOKENS",
               default="everything"),
    ] = None,
    model: options.Model = None,
    base_url: options.BaseUrl = None,
    fallback: fallback_options.Fallback = None,
    escalate: fallback_options.Escalate = None,
    below: fallback_options.Below = None,
    api_key_env: options.ApiKeyEnv = None,
    mode: options.Mode = None,
    strict: options.Strict = None,
    api: options.Api = None,
    reasoning_effort: options.ReasoningEffort = None,
    extra_body: options.ExtraBody = None,
    header: options.Header = None,
    timeout_s: Annotated[
        float | None,
        option("--timeout", help="Seconds that one attempt may take.", panel=MODEL, metavar="SECONDS",
               default="120, and 900 for an endpoint on this machine"),
    ] = None,
    logprobs: Annotated[
        bool | None,
        option("--logprobs", help="Ask for the probabilities of the tokens and make them part of the confidence.",
               panel=MODEL),
    ] = None,
    schema: options.Schema = None,
    prompt: options.Prompt = None,
    examples: options.Examples = None,
    instructions: options.Instructions = None,
    passes: Annotated[
        int | None,
        option("--passes", help="How often the model may look at a document: 1 asks once, 2 asks again for fields that "
               "are unproven, 3 also for empty fields and for more elements of lists.", panel=ANSWERS, metavar="N",
               default=2),
    ] = None,
    target: Annotated[
        str | None,
        option("--target", help="What becomes a record: the document, each 'page' (in a text, a form feed ends it), or "
               "each 'row' of its tables. A list in the schema is then one of rows, and code counts them: every one "
               "must come.",
               panel=ANSWERS, metavar="record|page|row", default="record"),
    ] = None,
    samples: Annotated[
        int | None,
        option("--samples", help="How many answers to ask for; the majority decides each value.", panel=ANSWERS,
               metavar="N", default=1),
    ] = None,
    fast: verify_options.Fast = False,
    unproven: Annotated[
        str | None,
        option("--unproven", help="What to do with a value that the document does not prove: 'keep' it, set it to "
               "'null', 'drop' the list element, or 'fail' the record.", panel=PROOF, metavar="keep|null|drop|fail",
               default="as the schema says, else null for typed values and keep for text"),
    ] = None,
    evidence: Annotated[
        str | None,
        option("--evidence", help="What proves inferred fields, such as choices: the schema's cue 'words', or "
               "'quotes' that the model is asked for.", panel=PROOF, metavar="words|quotes", default="words"),
    ] = None,
    verify: verify_options.Verify = None,
    calibration: verify_options.CalibrationFile = None,
    concurrency: options.Concurrency = None,
    rpm: Annotated[
        int | None, option("--rpm", help="The most requests a minute.", panel=RUN, metavar="N")
    ] = None,
    tpm: Annotated[int | None, option("--tpm", help="The most tokens a minute.", panel=RUN, metavar="N")] = None,
    processes: Annotated[
        str | None,
        option("--processes", help="How many processes of this machine work on the documents, with one limiter, cache "
               "and output; 'auto' takes one for each core.", panel=RUN, metavar="N|auto", default=1),
    ] = None,
    engine: Annotated[
        str | None,
        option("--engine", help="Run over an engine for data, whose workers write a folder of parts: 'daft' on this "
               "machine, 'ray' or ray://HOST:PORT of a cluster. --processes is then the number of workers.", panel=RUN,
               metavar="daft|ray|ray://…"),
    ] = None,
    partition_rows: Annotated[
        int | None,
        option("--partition-rows", help="With --engine: the rows of a partition.", panel=RUN, metavar="N",
               default=5000),
    ] = None,
    ordered: Annotated[
        bool,
        option("--ordered/--no-ordered", help="Write the records in the order of the documents, or as they finish.",
               panel=RUN, default="ordered"),
    ] = True,
    max_documents: Annotated[
        int | None, option("--max-documents", help="Stop after this many documents.", panel=RUN, metavar="N")
    ] = None,
    resume: Annotated[
        bool,
        option("--resume", help="Go on with an output: extract what is missing, what changed and what failed.",
               panel=RUN),
    ] = False,
    retry_failed: Annotated[
        bool,
        option("--retry-failed", help="Like --resume, and extract again every document whose record is not ok.",
               panel=RUN),
    ] = False,
    wait: Annotated[
        bool,
        option("--wait-for-endpoint", help="Wait for as long as the endpoint is away, instead of stopping after two "
               "minutes.", panel=RUN),
    ] = False,
    record: options.Record = None,
    replay: options.Replay = None,
    no_cache: options.NoCache = False,
    cache_url: options.CacheUrl = None,
    refresh: Annotated[
        bool,
        option("--refresh", help="Ask again for every answer, and replace those in the cache.", panel=RUN),
    ] = False,
    max_cost: options.MaxCost = None,
    max_tokens_total: Annotated[
        int | None,
        option("--max-tokens-total", help="Stop before the run takes more tokens than this.", panel=MONEY, metavar="N"),
    ] = None,
    dry_run: Annotated[
        bool,
        option("--dry-run", help="Print what the run would take (requests, tokens, money) and send nothing.",
               panel=MONEY),
    ] = False,
    batch: Annotated[
        bool,
        option("--batch", help="Ask by the provider's batch API: half the price, within a day. llmx batch collect "
               "fetches what has come.", panel=BATCH),
    ] = False,
    batch_wait: Annotated[
        bool, option("--wait", help="With --batch: wait until all batches are done.", panel=BATCH)
    ] = False,
    batch_follow_ups: Annotated[
        str | None,
        option("--batch-follow-ups", help="With --batch: how to ask what follows from an answer: by another 'batch', "
               "or 'live'.", panel=BATCH, metavar="batch|live", default="batch"),
    ] = None,
    no_submit: Annotated[
        bool,
        option("--no-submit", help="With --batch: submit nothing; llmx batch export writes the requests to a file.",
               panel=BATCH),
    ] = False,
    output: Annotated[
        str | None,
        option("--output", "-o", help="Where to write the records; the suffix gives the format: .jsonl, .json, .csv, "
               ".parquet, .sqlite, .duckdb, .xlsx, or a folder/ with one JSON file for each document; or a database, "
               "postgresql://user@host/name.", panel=OUTPUT, metavar="PATH|URL", default="standard output"),
    ] = None,
    overwrite: Annotated[
        bool, option("--overwrite", help="Replace an output that exists.", panel=OUTPUT)
    ] = False,
    upsert: options.Upsert = False,
    keep_columns: Annotated[
        str | None,
        option("--keep-columns", help="Columns of rows of the input that pass through into the output: their names, "
               "with commas, or 'all'.", panel=OUTPUT, metavar="NAMES|all", default="none"),
    ] = None,
    csv_safe: Annotated[
        bool,
        option("--csv-safe/--no-csv-safe", help="In .csv and .tsv outputs put an apostrophe before text that begins "
               "with = + - or @, which a spreadsheet would run as a formula.", panel=OUTPUT, default="on"),
    ] = True,
    log_file: Annotated[
        Path | None,
        option("--log-file", help="Write what happens to this file as JSON lines, without the documents' texts.",
               panel=OUTPUT, metavar="PATH"),
    ] = None,
    log_text: Annotated[
        bool, option("--log-text", help="Write the documents' texts to the log file, too.", panel=OUTPUT)
    ] = False,
    trace: Annotated[
        bool,
        option("--trace", help="Send OpenTelemetry spans. Needs the extra 'otel'.", panel=OUTPUT),
    ] = False,
    metrics: Annotated[
        str | None,
        option("--metrics", help="Tell Prometheus how the run is: on this port of 127.0.0.1 (/metrics), at HOST:PORT, "
               "or in this file, written every 5 s.", panel=OUTPUT, metavar="PORT|FILE"),
    ] = None,
    verbose: options.Verbose = False,
    quiet: options.Quiet = False,
) -> None:  # fmt: skip
    """Extract one validated record from each document, with the words that prove every value.

    Exit codes: 0 if every record is ok, 1 if some are not, 2 for a mistake in the command or its settings, 130 if
    interrupted.
    """
    if fast:
        passes, verify = verify_options.fast(passes, verify)
    given = {
        "schema": schema, "model": model, "base_url": base_url, "api_key_env": api_key_env, "mode": mode,
        "fallback": fallback or None, "escalate": escalate, "below": below,
        "strict": strict, "api": api, "reasoning_effort": reasoning_effort,
        "extra_body": extra_body, "headers": header or None,
        "prompt": prompt, "examples": examples, "instructions": instructions,
        "unproven": unproven, "evidence": evidence, "passes": passes, "samples": samples, "target": target,
        "boilerplate": boilerplate, "logprobs": logprobs, "verify": verify,
        "calibration": calibration, "chunk_tokens": chunk_tokens,
        "relevant_tokens": relevant_tokens,
        "locale": locale, "text_field": text_field, "id_field": id_field, "date_field": date_field,
        "encoding": encoding, "pages": pages, "password": password, "ocr": ocr,
        "ocr_engine": ocr_engine, "ocr_languages": ocr_languages, "images": images, "image_px": image_px,
        "layout": layout,
        "concurrency": concurrency, "timeout_s": timeout_s,
        "redact_documents": redact_documents, "cache": False if no_cache else None,
        "cache_url": cache_url,
    }  # fmt: skip
    load("llmx.run", "llmx.schema", "llmx.endpoint.opening", "llmx.extraction.session")
    configured = options.settings_from(given)
    config = configured.values
    from llmx.run import OutputOptions  # noqa: PLC0415

    bounds: dict[str, Any] = {
        "ordered": ordered, "max_cost_usd": max_cost, "max_tokens_total": max_tokens_total,
        "max_documents": max_documents, "log_text": log_text, "trace": trace,
        "processes": 1 if processes is None else int(processes) if processes.isdigit() else processes,
        "metrics": metrics,
    }  # fmt: skip
    from llmx.sinks import output_target  # noqa: PLC0415

    target_ = None if output is None else output_target(output)
    kept = tuple(filter(None, map(str.strip, (keep_columns or "").split(","))))
    destination = OutputOptions(target_, resume, retry_failed, overwrite, csv_safe, upsert, keep_columns=kept)
    source = options.WebSource(allow_urls, url_field, tuple(allow_private_hosts or ()), url_delay, user_agent)
    if batch and not dry_run:
        refused = {
            "--fallback": bool(config.fallback), "--escalate": bool(config.escalate),
            "--no-cache": config.cache is False, "--refresh": refresh,
            "--record": record is not None, "--replay": replay is not None, "--wait-for-endpoint": wait,
            "--rpm": rpm is not None, "--tpm": tpm is not None, "--upsert": upsert,
            "--processes": processes is not None, "--engine": engine is not None, "--verbose": verbose,
        }  # fmt: skip
        how = {"follow_ups": batch_follow_ups or "batch", "submits": not no_submit}
        from llmx.cli.batch_command import begin_batch  # noqa: PLC0415

        raise typer.Exit(begin_batch(documents, given, bounds, web=source, output=destination, how=how, refused=refused,
                                      log_file=log_file, wait=batch_wait, quiet=quiet))  # fmt: skip
    if batch_wait or batch_follow_ups is not None or no_submit:
        from llmx.cli.batch_command import check_batch  # noqa: PLC0415

        check_batch(
            {"--wait": batch_wait, "--batch-follow-ups": batch_follow_ups, "--no-submit": no_submit}, batch=batch
        )
    run = options.run_options(
        config, **bounds, rpm=rpm, tpm=tpm, log_file=log_file, signals=True, **({"outage_s": math.inf} if wait else {})
    )
    settings = fallback_options.with_fallbacks(
        options.endpoint_settings(configured, record=record, replay=replay, refresh=refresh), configured
    )
    options.announce(settings)
    if verbose and (quiet or engine is not None):
        raise typer.BadParameter("leave out --quiet and --engine, or this one", param_hint="--verbose")
    if engine is not None:
        from llmx.cli.engine_command import EngineAsked, over_engine  # noqa: PLC0415

        asked = EngineAsked(engine, documents, partition_rows, processes, dry_run=dry_run, web=source)
        raise typer.Exit(over_engine(asked, configured, destination, run, settings=settings, quiet=quiet))
    if partition_rows is not None:
        raise typer.BadParameter("it is for runs over an engine: give --engine, too", param_hint="--partition-rows")
    job = prepare(documents, configured, destination, run, web=source, quiet=quiet, dry=dry_run)
    raise typer.Exit(run_job(replace(job, batch=batch, verbose=verbose), settings))
