# The types of roll_up.py for the compiled engine: the same file, with C arrays.

cimport cython

cdef int _ADD, _MUL, _SUM, _DOT


@cython.locals(
    leaves=int, gate=int, wire=int, place=int, term=int, code=int, begin=int, end=int,
    height=int, products=int, plain=int, swap=bint,
    codes="short[::1]", first="int[::1]", second="int[::1]", wires="int[::1]",
    wired="signed char[::1]", is_zero="signed char[::1]", uses="int[::1]", user="int[::1]",
    new_codes="short[::1]", new_first="int[::1]", new_second="int[::1]", new_wires="int[::1]",
    left="int[::1]", right="int[::1]", stack="int[::1]",
)
cdef object _rolled_up(object tape, int one)
