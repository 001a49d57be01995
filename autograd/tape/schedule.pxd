# The types of schedule.py for the compiled engine: the same file, with C arrays.

cimport cython

cdef int _DOT, _MATRIX, _SUM


@cython.locals(
    leaves=int, i=int, j=int, k=int, gate=int, wire=int, code=int, out=int, begin=int, count=int,
    end=int, filled=int, longest=int, side=int, other=int, half=int, bias=int, terms=int, row=int,
    vector=int, run=int, one=int, is_uniform=bint,
    codes="short[::1]", first="int[::1]", second="int[::1]", wires="int[::1]",
    arity="signed char[::1]", slots="int[::1]", order="int[::1]", segments="int[::1]",
    operands="int[::1]",
)
cdef tuple _segments(
    object tape, object all_slots, object gates, bint in_order, bint independent, bint varying
)

cdef int _has_bias(int[::1] wires, int[::1] slots, int begin, int count, int one) noexcept

@cython.locals(half=int, terms=int, side=int, row=int, vector=int, step=int, good=int, k=int)
cdef int _side(
    int[::1] wires, int[::1] slots, int begin, int count, bint is_uniform, int one, int start=*
) noexcept

@cython.locals(half=int, bias=int, row=int, vector=int, step=int, k=int)
cdef int _is_row(
    int[::1] wires, int[::1] slots, int begin, int count, int model, int model_count,
    bint is_uniform, int one, int side,
) noexcept

@cython.locals(k=int)
cdef int _uses(int[::1] wires, int[::1] slots, int begin, int count, int out) noexcept
