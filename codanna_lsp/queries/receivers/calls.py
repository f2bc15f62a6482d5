"""Built-in functions whose results depend on what they are given."""

# "same": their first argument. "class": its class. "list": a list of what it iterates.
# "element": one of those. "pairs": numbered ones. "zip": tuples of all arguments'.
# "second": a list of what the last argument iterates. "apply": the first's results.
BUILT_IN_CALLS = {
    "copy": "same",
    "deepcopy": "same",
    "type": "class",
    "list": "list",
    "tuple": "list",
    "set": "list",
    "frozenset": "list",
    "sorted": "list",
    "reversed": "list",
    "iter": "list",
    "next": "element",
    "max": "element",
    "min": "element",
    "enumerate": "pairs",
    "zip": "zip",
    "filter": "second",
    "map": "apply",
}
