"""TypeScript, as data."""
