"""What the tool does when its surroundings break: `python -m faults NAME`, against real services."""
