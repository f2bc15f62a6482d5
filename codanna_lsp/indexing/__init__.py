"""Keep the index true: plan, pool, queue, indexer."""
