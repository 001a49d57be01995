"""Graphs of scalars, flat: recorded, made smaller, put in order, and run by machines."""
