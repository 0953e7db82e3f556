"""Validations as TripleO defines them: playbooks that look and change nothing, with a name, groups and parameters."""
