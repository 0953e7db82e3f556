"""Heat's side of a plan, from files alone: the merged environment, the bundle that is sent, the parameter tree."""
