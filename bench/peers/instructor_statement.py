"""instructor over the openai client, in its default mode: one statement, as its documentation has it."""

import json
import sys
from decimal import Decimal
from pathlib import Path

import instructor
from openai import OpenAI
from pydantic import BaseModel


class Transaction(BaseModel):
    booked_on: str
    reference: str
    text: str
    amount: Decimal


class Statement(BaseModel):
    account: str
    transactions: list[Transaction]


base_url, path = sys.argv[1:]
client = instructor.from_openai(OpenAI(base_url=base_url, api_key="none"))
messages = [{"role": "system", "content": "Extract the statement with every row of its table."},
            {"role": "user", "content": Path(path).read_text()}]
try:
    found = client.chat.completions.create(model="mock", response_model=Statement, messages=messages, max_retries=2)
except Exception as error:
    print(json.dumps({"came": [], "said": f"raises {type(error).__name__}"}))
else:
    print(json.dumps({"came": [each.reference for each in found.transactions], "said": "ok"}))
