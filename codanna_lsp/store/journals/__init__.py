"""The recovery journal: frames, the chain that its files form, writing, following."""
