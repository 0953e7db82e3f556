"""Plans in Git: objects read with dulwich, an operator's own clone worked on through the real git."""
