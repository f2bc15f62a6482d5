"""The demonstration: a real index, a real server, real damage."""
