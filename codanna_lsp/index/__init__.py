"""The index in memory: columns, names, views; no I/O."""
