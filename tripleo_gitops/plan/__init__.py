"""The plan as pure values: names, revisions, trees, TripleO's documents and what may be done to them."""
