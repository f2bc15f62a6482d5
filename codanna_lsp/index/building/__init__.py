"""Columns out of records, one by one or in bulk."""
