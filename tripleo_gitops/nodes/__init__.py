"""The machines of a plan: what its files say of them, what Ironic has, and what turns the one into the other."""
