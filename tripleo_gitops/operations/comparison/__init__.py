"""Two sides of a plan beside each other: revisions, a mirror, a live stack; as data and for people."""
