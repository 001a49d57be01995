# The functions of kernel.py for the compiled engine, over C code generated from the gate table.

cdef extern from "gate_kernel.h" nogil:
    const long long GATE_TABLE_FINGERPRINT
    void gate_unary(int code, double x, double *out, double *dx)
    void gate_both(int code, double x, double y, double *out, double *dx, double *dy)
    void gate_first(int code, double x, double y, double *out, double *dx)
    void gate_second(int code, double x, double y, double *out, double *dy)
    void gate_every(
        int code, double x, double y, double z, double *out, double *dx, double *dy, double *dz
    )
    void gate_forward_run(
        int code, Py_ssize_t count, double *values, double *results,
        const int *xs, const int *ys, const int *zs,
    )
    void gate_backward_run(
        int code, Py_ssize_t count, const double *values, const double *results_gradient,
        double *gradients, const int *xs, const int *ys, const int *zs,
    )


cdef inline (double, double) unary(int code, double x) noexcept nogil:
    cdef double out = 0, dx = 0
    gate_unary(code, x, &out, &dx)
    return out, dx


cdef inline (double, double, double) both(int code, double x, double y) noexcept nogil:
    cdef double out = 0, dx = 0, dy = 0
    gate_both(code, x, y, &out, &dx, &dy)
    return out, dx, dy


cdef inline (double, double) first(int code, double x, double y) noexcept nogil:
    cdef double out = 0, dx = 0
    gate_first(code, x, y, &out, &dx)
    return out, dx


cdef inline (double, double) second(int code, double x, double y) noexcept nogil:
    cdef double out = 0, dy = 0
    gate_second(code, x, y, &out, &dy)
    return out, dy


cdef inline (double, double, double, double) every(
    int code, double x, double y, double z
) noexcept nogil:
    cdef double out = 0, dx = 0, dy = 0, dz = 0
    gate_every(code, x, y, z, &out, &dx, &dy, &dz)
    return out, dx, dy, dz


cdef extern from *:
    """
    /* Freeing nodes in turn. The last reference to a node frees its operands, which may free
       theirs, as deep as the graph: from a depth on a dead node waits for the outermost call. It
       waits in a list that is linked through the dead nodes themselves, behind their header, so
       that freeing never needs memory. */
    #define GATE_FREE_DEPTH 50
    #define GATE_NEXT_DEAD(node) (*(PyObject **)((char *)(node) + sizeof(PyObject)))

    static destructor gate_free_node;
    static PyObject *gate_dead;
    static int gate_free_depth;

    static void gate_free_in_turn(PyObject *node) {
        if (gate_free_depth == GATE_FREE_DEPTH) {
            GATE_NEXT_DEAD(node) = gate_dead;
            gate_dead = node;
            return;
        }
        gate_free_depth++;
        gate_free_node(node);
        if (gate_free_depth == 1) {
            while (gate_dead) {
                PyObject *next = gate_dead;
                gate_dead = GATE_NEXT_DEAD(next);
                gate_free_node(next);
            }
        }
        gate_free_depth--;
    }

    static void gate_install_free_in_turn(PyObject *type) {
        gate_free_node = ((PyTypeObject *)type)->tp_dealloc;
        ((PyTypeObject *)type)->tp_dealloc = gate_free_in_turn;
    }
    """
    void free_in_turn "gate_install_free_in_turn"(object type) noexcept
