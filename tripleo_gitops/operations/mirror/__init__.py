"""A plan's mirror in Swift: decided, written by one at a time, read, proved, put back."""
