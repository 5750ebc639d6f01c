"""Those who answer: one module for each protocol that llmx speaks, each a ``llmx.endpoint.wire.Provider``.

``llmx.endpoint.opening.open_provider`` chooses. Nothing here is imported before it is used.
"""
