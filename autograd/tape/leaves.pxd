# The types of leaves.py for the compiled engine: the same file, with C fields.

cimport cython

from autograd.value cimport Value


@cython.locals(node=Value, i=Py_ssize_t)
cpdef object read_numbers(list nodes, double[::1] numbers, Py_ssize_t start)

@cython.locals(node=Value, i=Py_ssize_t)
cpdef object write_numbers(list nodes, double[::1] numbers)

@cython.locals(node=Value, i=Py_ssize_t)
cpdef object add_gradients(list nodes, double[::1] gradients)
