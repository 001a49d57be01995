# The types of roll_up.py for the compiled engine: the same file, with C fields and C calls.

cimport cython

cdef int _ADD, _MUL, _SUM, _DOT


cdef class _Roll:
    cdef int one, leaves, count, products, plain
    cdef readonly int end
    cdef short[::1] codes
    cdef readonly short[::1] new_codes
    cdef int[::1] first, second, wires, uses, user, left, right, others, stack
    cdef readonly int[::1] new_first, new_second, new_wires
    cdef signed char[::1] wired, is_zero


@cython.locals(gate=int, code=int, place=int, within=bint)
cdef int _write(_Roll roll) except -1

@cython.locals(height=int, place=int, term=int, x=int, y=int)
cdef int _find_terms(_Roll roll, int gate) noexcept

@cython.locals(begin=int, wire=int)
cdef int _push_operands(_Roll roll, int gate, int height) noexcept

@cython.locals(count=int, i=int)
cdef int _write_dot(_Roll roll, int gate) noexcept

@cython.locals(i=int)
cdef int _write_sum(_Roll roll, int gate) noexcept

@cython.locals(i=int)
cdef int _write_as_it_is(_Roll roll, int gate) noexcept

cdef int _finish(_Roll roll, int gate, int code, int count) noexcept
