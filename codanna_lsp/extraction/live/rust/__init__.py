"""Rust in the live tree."""
