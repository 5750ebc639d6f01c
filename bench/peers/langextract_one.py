"""langextract with its OpenAI provider, its own threads, one request a document (its default sends four)."""

import json
import sys
from pathlib import Path

import langextract as lx
from langextract import factory
from protocol import Clock, arguments, documents

sys.path.insert(0, str(Path(__file__).parents[1]))
from invoices import PROMPT

WORDS = {"invoice_no": "INV-EXAMPL", "vendor": "Acme AS", "customer": "Beta Ltd", "issued": "2026-01-02",
         "total": "10.00", "currency": "EUR"}
EXAMPLE = lx.data.ExampleData(
    text="Invoice INV-EXAMPL from Acme AS to Beta Ltd, dated 2026-01-02: total 10.00 EUR.",
    extractions=[lx.data.Extraction(extraction_class=name, extraction_text=words) for name, words in WORDS.items()],
)

args = arguments()
config = factory.ModelConfig(model_id="mock", provider="openai", provider_kwargs={
    "api_key": "none", "base_url": args.base_url, "max_workers": args.concurrency})
clock = Clock(args.n)
with open(args.out, "w") as out:
    texts = (lx.data.Document(text=d["text"], document_id=d["id"]) for d in documents(args))
    for document in lx.extract(texts, prompt_description=PROMPT, examples=[EXAMPLE], config=config,
                               max_workers=args.concurrency, batch_length=args.concurrency, show_progress=False,
                               max_char_buffer=100_000):
        clock.seen()
        data = {e.extraction_class: e.extraction_text for e in document.extractions or []}
        out.write(json.dumps({"id": document.document_id, "data": data}) + "\n")
clock.stop()
