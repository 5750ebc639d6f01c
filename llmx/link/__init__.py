"""Links a finished run: which names are one thing, which records tell of one event, and the graph of both.

``resolve`` is the way of the names, from ``mentions`` over ``candidates`` and ``links`` to ``merging``; ``events`` goes
on from there. ``output`` keeps what was found beside the run, and takes it back.
"""
