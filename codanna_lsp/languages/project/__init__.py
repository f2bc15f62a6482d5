"""Project files: what says where modules lie, as data."""
