"""Ansible: playbooks of a plan, played by ansible-runner in a process of its own that can be stopped whole."""
