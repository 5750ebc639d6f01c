"""The providers with protocols of their own, reached through instructor's clients.

``registry.py`` decides which models these are and imports nothing heavy; ``wire.py`` sends over the provider's own SDK.
"""
