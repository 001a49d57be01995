# The types of changes.py for the compiled engine.

cimport cython


cdef extern from "content_digest.h":
    unsigned long long content_digest(const unsigned char *bytes, size_t count) nogil


cdef object _digest(const unsigned char[::1] numbers)
