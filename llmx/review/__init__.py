"""The review: a local page on which a person corrects records and saves them as gold.

Nothing leaves the machine, no edit is ever only in a browser, and two windows cannot overwrite each other unseen.
Looking at runs without changing anything is ``view``'s.
"""

from __future__ import annotations

from llmx.review.serve import ReviewOptions, serve_review
from llmx.review.session import Conflict, ReviewSession, open_review

__all__ = ["Conflict", "ReviewOptions", "ReviewSession", "open_review", "serve_review"]
