"""The tool's verbs as actions of Mistral, under TripleO's names where it has them."""
