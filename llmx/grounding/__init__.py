"""Grounding: the model's words become values with evidence, the characters of the text that say them.

``locating/`` finds words in a text and ``types/`` computes values from words; this package decides for each leaf of an
answer which words of the document prove it.
"""
