"""Extraction: from one document to one record, the sentence where all parts meet.

``document.py`` reads from top to bottom as the way of a document. What the other rooms do (prompting, the endpoint,
grounding, assembly) is only put together here.
"""
