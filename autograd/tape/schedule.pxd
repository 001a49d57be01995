# The types of schedule.py for the compiled engine: the same file, with C fields and C calls.

cimport cython

cdef int _DOT, _MATRIX, _SUM


cdef class _Writer:
    cdef readonly bint is_uniform
    cdef readonly int leaves, count, one, end, filled, longest
    cdef short[::1] codes
    cdef readonly int[::1] segments, operands
    cdef int[::1] order, first, second, wires, slots
    cdef signed char[::1] arity


@cython.locals(i=int, j=int, code=int, out=int, begin=int, side=int)
cdef int _write(_Writer writer, bint in_order, bint independent) except -1

@cython.locals(j=int, k=int, code=int, out=int, run=int, arity=int, gate=int, place=int)
cdef int _write_run(_Writer writer, int i, bint independent) noexcept

@cython.locals(j=int, k=int, code=int, out=int, heads=int, gate=int, place=int)
cdef int _write_many(_Writer writer, int i, bint in_order, bint independent) noexcept

@cython.locals(
    j=int, k=int, gate=int, out=int, half=int, bias=int, terms=int, row=int, vector=int, step=int,
    at=int,
)
cdef int _write_matrix(_Writer writer, int i, int side) noexcept

@cython.locals(side=int, other=int)
cdef int _side_of_rows(_Writer writer, int i) noexcept

@cython.locals(half=int, terms=int, side=int, row=int, step=int, k=int, good=bint)
cdef int _side(_Writer writer, int gate, int start) noexcept

@cython.locals(half=int, bias=int, row=int, step=int, k=int, vector=int)
cdef int _is_row(_Writer writer, int gate, int model, int side) noexcept

@cython.locals(last=int)
cdef int _has_bias(_Writer writer, int gate) noexcept

@cython.locals(arity=int, operand=int, slot=int)
cdef inline int _operand(_Writer writer, int gate, int place) noexcept

@cython.locals(arity=int, place=int)
cdef int _uses(_Writer writer, int gate, int out) noexcept
