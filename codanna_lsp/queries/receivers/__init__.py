"""What expressions are: types of receivers without a type checker."""
