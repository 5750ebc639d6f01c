"""The bare client: aiohttp, a body joined from strings, no retries, no records. The practical limit."""

import json
import sys
from pathlib import Path

import aiohttp
from protocol import drive

sys.path.insert(0, str(Path(__file__).parents[1]))
from invoices import PROMPT, Invoice


def make(args):
    client = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=args.concurrency))
    url, headers = args.base_url + "/chat/completions", {"content-type": "application/json"}
    form = {"type": "json_schema", "json_schema": {"name": "Invoice", "strict": True, "schema": Invoice.model_json_schema()}}
    head = json.dumps({"model": "mock", "response_format": form})[:-1]
    head += ', "messages": [{"role": "system", "content": ' + json.dumps(PROMPT) + '}, {"role": "user", "content": '

    async def one(text):
        async with client.post(url, data=(head + json.dumps(text) + "}]}").encode(), headers=headers) as answer:
            answer.raise_for_status()
            said = json.loads(await answer.read())["choices"][0]["message"]["content"]
            return Invoice.model_validate_json(said).model_dump()

    return one, client.close


drive(make)
