"""A plan's secrets: made, sealed, rotated, shown by names, and found where they stand in clear."""
