# The types of lanes.py for the compiled engine.

cimport cython


cdef extern from "lane_run.h":
    void run_lanes(const long long *table, Py_ssize_t count) nogil


cdef class Lanes:
    cdef long long[:, ::1] _table
    cdef object _arrays
