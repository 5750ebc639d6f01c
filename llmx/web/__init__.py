"""Fetches pages that somebody named, over HTTP and with manners: guarded, bounded, slowly, and no page twice.

``addresses`` says where a connection may lead, ``urls`` what a URL may look like, ``connection`` connects to the very
address that was checked. ``fetch`` puts them together with robots.txt, retries and a cache. What a page says, and how
it becomes documents, is the business of ``llmx.documents``.
"""

from __future__ import annotations

from llmx.web.options import WebOptions

__all__ = ["WebOptions"]
