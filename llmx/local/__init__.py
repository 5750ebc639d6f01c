"""The embedded model: llama.cpp on a loopback port and the weights it runs, so that llmx works without a key.

``weights`` puts the model file together from its data packages, ``start`` runs a server on it. What comes out is one
more OpenAI-compatible endpoint: who talks to it, and in which mode, is ``llmx.endpoint``'s business.
"""

from __future__ import annotations

from llmx.local.server import LocalServer, available, model_name, start
from llmx.local.weights import QWEN, Weights, weights

__all__ = ["QWEN", "LocalServer", "Weights", "available", "model_name", "start", "weights"]
