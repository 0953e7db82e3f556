"""The command line `tripleo-plan`: each command parses, calls one operation and prints."""
