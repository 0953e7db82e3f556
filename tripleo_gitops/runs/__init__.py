"""Durable runs of workflows: a record that can be read, stopped and resumed, not a process."""
