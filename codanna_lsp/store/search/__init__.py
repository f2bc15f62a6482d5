"""The second store: a Tantivy folder, and the check that needs no Tantivy."""
