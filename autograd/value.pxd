# The types of value.py for the compiled engine: the same file, with C fields and C calls.

cimport cython

from autograd cimport kernel

cdef int _ADD, _SUB, _MUL, _DIV, _POW, _NEG, _ABS, _EXP, _LOG, _TANH, _RELU, _STOP
cdef int _LEAF, _MANY
cdef int[::1] OPEN_MODES


cdef class Value:
    cdef double _data, _grad, _dx, _dy
    cdef Value _x, _y, _next
    cdef _Rare _rare
    cdef int _code, _pending


cdef class _Rare:
    cdef object name, line, gate, derivatives
    cdef tuple operands


@cython.locals(node=Value)
cdef inline Value _new_node(int code)

@cython.locals(node=Value, rare=_Rare)
cdef Value _copied(Value original, dict replacements)

@cython.locals(node=Value)
cdef object _many(
    object gate, tuple operands, double data, double derivative, object derivatives
)

@cython.locals(node=Value)
cdef Value _unary(int code, Value x)

@cython.locals(node=Value, a=Value, b=Value, number=double)
cdef inline object _binary(int code, object x, object y)

cdef int _refuse_if_traced(str reading, Value node=*, object other=*) except -1

@cython.locals(noted=Value)
cdef bint _is_constant(Value node, list nodes) except -1

@cython.locals(nodes=list)
cdef int _note(Value node) except -1

@cython.locals(inner=Value)
cdef int _stop_gradient_at(Value node) except -1

cdef int _record_modes(Value node) except -1

@cython.locals(node=Value, x=Value, y=Value, top=Value)
cdef int _reach(Value root, list met) except -1

cdef Value _meet(Value operand, Value top, list met)

cdef int _leave(Value node) except -1

@cython.locals(node=Value, x=Value, y=Value, top=Value, gradient=double)
cdef int _send_back(Value root) except -1

@cython.locals(i=Py_ssize_t, operand=Value, contribution=double)
cdef Value _send_back_many(_Rare rare, double gradient, Value top)

@cython.locals(a=Value)
cdef double _number_of(object operand) except? -1

cdef object _constant(object operand)

cdef double _as_float(object number) except? -1

cdef object _derivatives_of(_Rare rare)
