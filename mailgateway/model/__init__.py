"""The words of the product as immutable values: no clock, no I/O, no behaviour that could fail."""
