"""langextract with its OpenAI provider and its own chunks of 1,000 characters: one statement."""

import json
import sys
from pathlib import Path

import langextract as lx
from langextract import factory

EXAMPLE = lx.data.ExampleData(
    text="| 2025-01-02 | X000001 | Card payment grocer | -12.50 |",
    extractions=[lx.data.Extraction(extraction_class="transaction", extraction_text="X000001", attributes={
        "booked_on": "2025-01-02", "text": "Card payment grocer", "amount": "-12.50"})],
)

base_url, path = sys.argv[1:]
config = factory.ModelConfig(model_id="mock", provider="openai", provider_kwargs={
    "api_key": "none", "base_url": base_url, "max_workers": 10})
try:
    found = lx.extract(Path(path).read_text(), prompt_description="Extract every transaction of the statement, by its "
                       "reference.", examples=[EXAMPLE], config=config, max_workers=10, show_progress=False)
except Exception as error:
    print(json.dumps({"came": [], "said": f"raises {type(error).__name__}"}))
else:
    print(json.dumps({"came": [e.extraction_text for e in found.extractions or []], "said": "ok"}))
