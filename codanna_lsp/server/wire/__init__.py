"""The bytes between client and server: frames, pipes, and the life of the parent."""
