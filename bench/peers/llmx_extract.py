"""llmx with everything switched on: reading, proof, validation, records with evidence, manifest, cache of answers.

What ``llmx extract DOCS -s Invoice -o OUT.jsonl`` does after its imports. --replay answers from a cassette instead.
"""

import asyncio
import contextlib
import cProfile
import shutil
import sys
import tempfile
from pathlib import Path

# imports are not measured, here as with the others; llmx imports these when it first needs them
import aiohttp  # noqa: F401
import diskcache  # noqa: F401
import filelock  # noqa: F401
import jinja2.sandbox  # noqa: F401
import openai  # noqa: F401
import pycld2  # noqa: F401
import yaml  # noqa: F401
from protocol import Clock, arguments

sys.path.insert(0, str(Path(__file__).parents[2]))
import llmx.boilerplate
import llmx.extraction.document
import llmx.sinks  # noqa: F401
from bench.invoices import PROMPT, Invoice
from llmx.documents import read_documents
from llmx.endpoint import EndpointSettings, open_endpoint
from llmx.extraction.options import Options
from llmx.extraction.plan import Extractor
from llmx.extraction.session import Session
from llmx.run import NullObserver, OutputOptions, RunOptions, run_to_output


class First(NullObserver):
    def __init__(self, clock):
        self.clock = clock

    def finished(self, *_):
        self.clock.seen()


async def main(args):
    scratch = tempfile.mkdtemp()
    profiler = cProfile.Profile() if args.profile else contextlib.nullcontext()
    clock = Clock(args.n)
    settings = EndpointSettings(
        model="mock", base_url=args.base_url, mode="json_schema", api_key="none",
        cache_dir=Path(args.cache or scratch),
        replay=Path(args.replay) if args.replay else None, record=Path(args.record) if args.record else None,
    )
    endpoint = open_endpoint(settings)
    plan = Extractor(Invoice, Options(instructions=PROMPT)).plan(await endpoint.resolve())
    with profiler:
        summary = await run_to_output(
            read_documents([args.docs]), Session(plan, endpoint), observer=First(clock),
            options=RunOptions(concurrency=args.concurrency, max_documents=args.n, ordered=False),
            output=OutputOptions(Path(args.out), overwrite=True),
        )
    clock.stop()
    if args.profile:
        profiler.dump_stats(args.profile)
    await endpoint.aclose()
    shutil.rmtree(scratch, ignore_errors=True)
    if summary.statuses.get("ok", 0) < args.n:
        print(summary.to_json(), file=sys.stderr)


try:
    import uvloop
except ImportError:
    asyncio.run(main(arguments()))
else:
    uvloop.run(main(arguments()))
