# The types of tensor.py for the compiled engine: the same file, with C fields and C calls.

cimport cython

cdef int[::1] OPEN_MODES


cdef class Tensor:
    cdef object __weakref__
    cdef object _data, _grad, _arrays, _constants, _content
    cdef bint _shares_grad
    cdef long long _born, _changed
    cdef readonly object gate, operands, arguments, line
    cdef public object name, hooks

    @cython.locals(operand=Tensor)
    cpdef object contribution(self, Py_ssize_t position, object gradient, bint create_graph=*)

    cdef int _become_leaf(self, object data) except -1

    @cython.locals(tensor=Tensor)
    cpdef object check_unchanged(self)

    cdef int _notice_change(self) except -1


@cython.locals(node=Tensor)
cdef Tensor _node(object data, object gate, tuple operands, object arguments, object arrays)

@cython.locals(tensor=Tensor)
cdef object _array_of(object operand)

@cython.locals(node=Tensor)
cdef Tensor _stopped(Tensor inner)

cdef bint _is_frozen(object array) except -1

@cython.locals(position=Py_ssize_t)
cdef object _watched(tuple operands, object arrays)

cdef object _kept(object index)

cdef Tensor _apply(object gate, tuple operands)

cdef Tensor _apply_to_arrays(object gate, tuple operands, dict arguments)

@cython.locals(before=Tensor, result=Tensor)
cdef object _set_item(Tensor node, object index, object value)

@cython.locals(node=Tensor)
cdef Tensor _copied(Tensor original, dict replacements)

@cython.locals(node=Tensor)
cdef object _replace_operand(Tensor root, Tensor old, Tensor new)

cdef object _contribution_in_graph(Tensor node, Py_ssize_t position, object gradient)
