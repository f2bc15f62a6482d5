"""The shapes of trees that a query cannot go through in reasonable time.

Invariant: what is told depends on the tree alone, not on how long anything took.
"""

from tree_sitter import Node

# Tree-sitter counts depth in 16 bits: past 65,535 levels its matches never end and the
# query takes minutes. What stands deeper is not captured.
DEPTH_LIMIT = 60_000
# Behind each node a query looks for a named one among its later siblings. Where nothing
# but brackets follow, all are looked at each time: twice as many take four times as long.
CROWD_LIMIT = 10_000


def reaches_depth(root: Node, depth: int) -> bool:
    """Whether anything stands this many levels below a node.

    Only nodes that hold enough others to be so deep are looked into: hardly ever any.
    """
    pending = [(root, depth)]
    while pending:
        node, missing = pending.pop()
        if not missing:
            return True
        if node.descendant_count > missing:
            pending += [(child, missing - 1) for child in node.children]
    return False


def is_crowded(root: Node) -> bool:
    """Whether a node has thousands of children that have no name: open brackets, mostly.

    Only a tree with an error in it is looked into.
    """
    pending = [root] if root.has_error else []
    while pending:
        node = pending.pop()
        if node.child_count - 2 * node.named_child_count > CROWD_LIMIT:
            return True
        if node.descendant_count > CROWD_LIMIT:
            pending += node.children
    return False
