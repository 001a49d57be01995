# The types of passes.py for the compiled engine: the same file, with C arrays.

cimport cython

cdef int _MUL, _DIV
cdef unsigned long long _SPREAD


@cython.locals(
    leaves=int, gate=int, wire=int, place=int,
    first="int[::1]", second="int[::1]", wires="int[::1]", wired="signed char[::1]",
    marks="signed char[::1]",
)
cpdef object needed(object tape)

@cython.locals(
    leaves=int, gate=int, wire=int, place=int,
    first="int[::1]", second="int[::1]", wires="int[::1]", wired="signed char[::1]",
    marks="signed char[::1]",
)
cpdef object depending_on(object tape, object leaves_marked)

@cython.locals(
    leaves=int, gate=int, wire=int, depth=int,
    first="int[::1]", second="int[::1]", wires="int[::1]", wired="signed char[::1]",
    found="int[::1]",
)
cpdef object depths(object tape)

@cython.locals(
    leaves=int, gate=int, place=int, x=int, y=int, a=int, b=int, met=int,
    key="unsigned long long", mask="unsigned long long",
    codes="short[::1]", first="int[::1]", second="int[::1]", wired="signed char[::1]",
    commutes="signed char[::1]", is_one="signed char[::1]", table="int[::1]", found="int[::1]",
)
cpdef object equals(object tape)

@cython.locals(
    leaves=int, gate=int, wire=int, place=int, begin=int, end=int, height=int, count=int,
    first="int[::1]", second="int[::1]", wires="int[::1]", wired="signed char[::1]",
    unary="signed char[::1]", pending="int[::1]", order="int[::1]", stack="int[::1]",
)
cpdef object backward_order(object tape)
