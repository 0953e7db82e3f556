"""What asks for a run: Git hooks and the watcher. They translate; what is to do is read from the repository."""
