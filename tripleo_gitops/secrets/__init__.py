"""Secrets in Git: SOPS with age keys, behind a small Protocol."""
