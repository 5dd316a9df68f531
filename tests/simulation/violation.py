"""A promise of the product does not hold in this run."""


class Violation(BaseException):
    """Not an Exception: nothing that the product catches may hide it."""
