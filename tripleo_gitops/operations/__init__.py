"""One module a verb: what it decides is a value, what it does takes that value."""
