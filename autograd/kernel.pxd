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


cdef extern from "node_memory.h":
    void node_memory_install(object type) noexcept
    void node_fetch_earlier(object node) noexcept
