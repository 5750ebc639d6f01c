"""instructor over the openai client, in its default mode (tools); with --cache its disk cache, under a fixed name."""

import sys
from pathlib import Path

import instructor
from openai import AsyncOpenAI
from protocol import drive

sys.path.insert(0, str(Path(__file__).parents[1]))
from invoices import PROMPT, Invoice


def make(args):
    more = {}
    if args.cache:
        from instructor.cache import DiskCache

        more = {"cache": DiskCache(args.cache), "cache_namespace": "bench"}
    openai = AsyncOpenAI(base_url=args.base_url, api_key="none")
    client = instructor.from_openai(openai, mode=instructor.Mode.TOOLS, **more)

    async def one(text):
        messages = [{"role": "system", "content": PROMPT}, {"role": "user", "content": text}]
        record = await client.chat.completions.create(model="mock", response_model=Invoice, messages=messages)
        return record.model_dump()

    return one, openai.close


drive(make)
