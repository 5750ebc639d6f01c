"""Assembly: the chunks' trees become one tree, and the tree becomes plain data, evidence and issues of a record."""
