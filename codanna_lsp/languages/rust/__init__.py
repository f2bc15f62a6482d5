"""Rust, as data."""
