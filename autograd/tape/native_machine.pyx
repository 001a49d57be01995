# Runs scheduled tapes in C, without the interpreter's lock; machine.h does the work.

from libc.stdlib cimport free, malloc

import numpy as np

cdef extern from "lane_machine.h" nogil:
    ctypedef struct tape_part:
        const int *segments
        Py_ssize_t count
        const int *operands

    ctypedef struct tape_block:
        Py_ssize_t lanes, stride
        double *values
        double *gradients
        const double *uniform
        double *partial
        const signed char *wanted

    ctypedef struct tape_batch:
        Py_ssize_t samples
        const double *inputs
        Py_ssize_t input_count
        const int *outputs
        Py_ssize_t output_count
        double *results
        const double *seeds
        int seed_step
        double *input_gradients
        const double *tangents
        double *result_tangents

    const long long TAPE_KERNEL_FINGERPRINT
    const int TAPE_PARTS, TAPE_MOST_LANES
    int tape_forward(const tape_part *part, double *values, double *scratch)
    void tape_backward(
        const tape_part *part, const double *values, double *gradients, double *scratch
    )
    int tape_train(
        const tape_part *part, const tape_training *training, double *values, double *gradients,
        double *scratch
    )
    ctypedef struct tape_training:
        Py_ssize_t steps
        Py_ssize_t first
        const double *inputs
        Py_ssize_t input_count
        Py_ssize_t samples
        double *rows
        Py_ssize_t parameter_count
        int rule
        const double *settings
        Py_ssize_t setting_count
        int output
        double *losses
        Py_ssize_t size
    int tape_run_batch(
        const tape_part *part, tape_block *block, const tape_batch *batch, Py_ssize_t rows
    )

FINGERPRINT = TAPE_KERNEL_FINGERPRINT
# A block's values and gradients are to stay in the second level of the cache.
cdef Py_ssize_t _CACHE = 1 << 18


cdef class Plan:
    """A part of a schedule, with the addresses of its arrays."""

    cdef tape_part part
    cdef const int[::1] _segments, _operands
    cdef readonly Py_ssize_t scratch

    def __init__(self, part):
        self._segments = part.segments
        self._operands = part.operands
        self.scratch = 2 * part.scratch
        self.part.segments = &self._segments[0] if self._segments.shape[0] else NULL
        self.part.operands = &self._operands[0] if self._operands.shape[0] else NULL
        self.part.count = self._segments.shape[0] // 4

    def forward(self, double[::1] values):
        """Fill the values in; -1, or the slot of a gate whose index was out of range."""
        cdef double[::1] scratch = np.empty(self.scratch + 1)
        cdef int wrong
        if self.part.count == 0:
            return -1
        with nogil:
            wrong = tape_forward(&self.part, &values[0], &scratch[0])
        return wrong

    def backward(self, const double[::1] values, double[::1] gradients):
        """Carry the gradients back."""
        cdef double[::1] scratch = np.empty(self.scratch + 1)
        if self.part.count:
            with nogil:
                tape_backward(&self.part, &values[0], &gradients[0], &scratch[0])

    def train(
        self,
        double[::1] values,
        double[::1] gradients,
        const double[:, ::1] inputs,
        Py_ssize_t first,
        double[:, ::1] rows,
        int rule,
        const double[:, ::1] settings,
        int output,
        double[::1] losses,
    ):
        """Make as many steps as there are losses; -1, or the slot of a gate of a wrong index.

        The inputs lie in front of the values, and behind them the parameters, which are the first
        of ``rows``; the first step is that of the sample ``first``.
        """
        cdef double[::1] scratch = np.empty(self.scratch + 1)
        cdef tape_training training
        cdef int wrong
        training.steps = losses.shape[0]
        training.first = first
        training.samples = inputs.shape[0]
        training.input_count = inputs.shape[1]
        training.inputs = &inputs[0, 0] if training.input_count else NULL
        training.rows = &rows[0, 0]
        training.parameter_count = rows.shape[1]
        training.rule = rule
        training.settings = &settings[0, 0]
        training.setting_count = settings.shape[1]
        training.output = output
        training.losses = &losses[0]
        training.size = values.shape[0]
        with nogil:
            wrong = tape_train(&self.part, &training, &values[0], &gradients[0], &scratch[0])
        return wrong


def run_batch(
    Plan plan,
    Py_ssize_t rows,
    const double[::1] uniform,
    const signed char[::1] wanted,
    const double[:, ::1] inputs,
    const int[::1] outputs,
    double[:, ::1] results,
    const double[:, ::1] seeds,
    double[::1] uniform_gradients,
    double[:, ::1] input_gradients,
    const double[:, ::1] tangents,
    double[:, ::1] result_tangents,
):
    """Run a part for many samples; -1, or the slot of a gate whose index was out of range.

    Where ``seeds`` are given, the gradients of what is uniform are added to
    ``uniform_gradients``, summed over the samples. All but the first seven may be None.
    """
    cdef tape_block *block
    cdef tape_batch batch
    cdef Py_ssize_t lanes, i, j
    cdef int wrong
    cdef double total
    cdef double[::1] values, gradients, partial
    batch.samples = results.shape[0]
    if batch.samples == 0:
        return -1
    lanes = _CACHE // (16 * max(rows, 1)) // TAPE_PARTS * TAPE_PARTS
    lanes = min(max(lanes, TAPE_PARTS), TAPE_MOST_LANES)
    lanes = min(lanes, (batch.samples + TAPE_PARTS - 1) // TAPE_PARTS * TAPE_PARTS)
    values = np.empty(rows * lanes + 1)
    with_gradients = seeds is not None or tangents is not None
    gradients = np.empty(rows * lanes + 1 if with_gradients else 1)
    partial = np.zeros(uniform.shape[0] * TAPE_PARTS + 1 if seeds is not None else 1)
    batch.input_count = inputs.shape[1]
    batch.inputs = &inputs[0, 0] if batch.input_count else NULL
    batch.output_count = outputs.shape[0]
    batch.outputs = &outputs[0] if batch.output_count else NULL
    batch.results = &results[0, 0] if batch.output_count else NULL
    batch.seeds = NULL
    batch.seed_step = 0
    batch.input_gradients = NULL
    batch.tangents = NULL
    batch.result_tangents = NULL
    if seeds is not None and batch.output_count:
        batch.seeds = &seeds[0, 0]
        batch.seed_step = seeds.shape[0] > 1
        if input_gradients is not None and batch.input_count:
            batch.input_gradients = &input_gradients[0, 0]
    if tangents is not None and batch.input_count and batch.output_count:
        batch.tangents = &tangents[0, 0]
        batch.result_tangents = &result_tangents[0, 0]
    block = <tape_block *>malloc(sizeof(tape_block))
    if block == NULL:
        raise MemoryError
    block.stride = lanes
    block.values = &values[0]
    block.gradients = &gradients[0]
    block.uniform = &uniform[0] if uniform.shape[0] else NULL
    block.partial = &partial[0]
    block.wanted = &wanted[0] if wanted.shape[0] else NULL
    with nogil:
        wrong = tape_run_batch(&plan.part, block, &batch, rows)
        free(block)
    if seeds is not None and wrong < 0:
        for i in range(uniform.shape[0]):
            total = 0.0
            for j in range(TAPE_PARTS):
                total += partial[i * TAPE_PARTS + j]
            uniform_gradients[i] += total
    return wrong
