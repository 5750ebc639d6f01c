"""The openai client's ``post`` with an untyped body: its retries, keys and errors without its typed models."""

import sys
from pathlib import Path

from openai import AsyncOpenAI
from protocol import drive

sys.path.insert(0, str(Path(__file__).parents[1]))
from invoices import PROMPT, Invoice


def make(args):
    client = AsyncOpenAI(base_url=args.base_url, api_key="none")
    form = {"type": "json_schema", "json_schema": {"name": "Invoice", "strict": True, "schema": Invoice.model_json_schema()}}

    async def one(text):
        messages = [{"role": "system", "content": PROMPT}, {"role": "user", "content": text}]
        body = {"model": "mock", "messages": messages, "response_format": form}
        answer = await client.post("/chat/completions", cast_to=object, body=body)
        return Invoice.model_validate_json(answer["choices"][0]["message"]["content"]).model_dump()

    return one, client.close


drive(make)
