"""A worker that ends before it reads anything."""

import sys


def main(_arguments: list[str]) -> None:
    sys.exit(3)
