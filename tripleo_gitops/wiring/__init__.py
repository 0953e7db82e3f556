"""The only place that builds things, from a frozen configuration."""
