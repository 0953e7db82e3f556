"""A plan's stack in Heat: decided, guarded, asked for, followed, and told of when it failed."""
