"""llmx turns piles of documents into records that can be trusted."""
