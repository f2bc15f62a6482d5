"""The distinct names: their orders, their masks, and the search through them."""
