"""Masks: 64-bit sets of letters, word heads and bigrams that sift names in bulk."""

MASKED_NAMES = 4096  # fewer names are scanned plainly, without masks
