"""Source files: walk, ignore, fingerprint, overlay, watch."""
