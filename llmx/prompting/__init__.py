"""Prompting: template, examples, sketch and chunk become messages. What is sent and what comes back lie elsewhere."""
