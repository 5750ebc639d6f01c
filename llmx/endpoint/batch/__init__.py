"""Batches: requests that a provider answers within a day, for half the price.

``state`` remembers, beside the output of a run, which requests there are, which batch each went out with, and what was
answered. ``wire`` answers from it, and notes what is not there yet. ``service`` is the seam to a provider's batch API,
``transfer`` submits over it and fetches what has come. When documents are worked on is the run's business.
"""
