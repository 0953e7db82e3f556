"""Somebody else's programs, run in a process of their own: without our environment, and within limits."""
