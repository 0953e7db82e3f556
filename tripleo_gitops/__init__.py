"""GitOps for OpenStack Heat and TripleO: each deployment plan is a versioned Git repository."""
