# The types of recorded.py for the compiled engine: the same file, with C fields and C calls.

cimport cython

from autograd.value cimport Value

cdef int _LEAF, _MANY, _FIRST_CONSTANT
cdef list _ARITIES


cdef class _Record:
    cdef short[::1] codes
    cdef int[::1] first, second
    cdef double[::1] numbers
    cdef readonly Py_ssize_t count, input_count
    cdef readonly list wires, constants, parameters


@cython.locals(node=Value, place=int)
cdef int _number_leaves(_Record record, list nodes, list inputs) except -1

@cython.locals(
    node=Value, x=Value, y=Value, code=int, count=Py_ssize_t,
    codes="short[::1]", first="int[::1]", second="int[::1]", numbers="double[::1]",
)
cdef int _read_gates(_Record record, list nodes) except -1

cdef int _read_many(_Record record, Value node) except -2

cdef int _place_of(_Record record, object operand) except? -7

cdef int _place(_Record record, Value node) except? -7

cdef int _constant(_Record record, double number) except? -7

@cython.locals(node=Value)
cdef int _forget(_Record record, list nodes, list inputs) except -1

cdef object _tape_of(_Record record, list ends)

cdef object _moved(_Record record, object places)
