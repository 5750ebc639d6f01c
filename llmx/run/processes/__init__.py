"""A run over several processes of one machine: ``--processes``.

The parent reads the documents, writes the records, keeps the manifest, and has the one limiter and the one budget; its
worker processes do what takes the time: prompts, answers, proofs, records. A document goes to a worker process as it
is, and comes back as the lines of its record.

``pool`` hands documents out and hears what comes back, ``worker_process`` starts one and knows what it works on,
``child`` is what runs in it, and ``channel`` carries messages between the two. ``crossing`` has the form in which
records and outcomes of requests cross, ``spans`` that of spans. ``maker`` puts all of it in the place of
``llmx.run.record_maker``.
"""
