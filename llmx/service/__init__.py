"""llmx as a service, for programs that do not start a process for every document: over HTTP, or as tools for agents."""
