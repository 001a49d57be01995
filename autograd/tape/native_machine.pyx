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
        Py_ssize_t parameters_at
        int rule
        const double *settings
        Py_ssize_t setting_count
        int output
        double *losses
        long long *made
        Py_ssize_t size
    int tape_train_batches(
        const tape_part *uniform, const tape_part *varying, const tape_training *training,
        tape_block *block, tape_batch *batch, Py_ssize_t rows, double *values, double *gradients,
        double *scratch,
    )
    void tape_sum_parts(const tape_block *block, Py_ssize_t count, double *gradients)
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
        long long[::1] made,
    ):
        """Make as many steps as there are losses; -1, or the slot of a gate of a wrong index.

        The inputs lie in front of the values, and behind them the parameters, which are the first
        of ``rows``; the first step is that of the sample ``first``. ``made`` counts the steps.
        """
        cdef double[::1] scratch = np.empty(self.scratch + 1)
        cdef tape_training training = _training(inputs, first, rows, rule, settings, losses, made)
        cdef int wrong
        training.samples = inputs.shape[0]
        training.parameters_at = training.input_count
        training.output = output
        training.size = values.shape[0]
        with nogil:
            wrong = tape_train(&self.part, &training, &values[0], &gradients[0], &scratch[0])
        return wrong


cdef tape_training _training(
    const double[:, ::1] inputs,
    Py_ssize_t first,
    double[:, ::1] rows,
    int rule,
    const double[:, ::1] settings,
    double[::1] losses,
    long long[::1] made,
):
    cdef tape_training training
    training.steps = losses.shape[0]
    training.first = first
    training.input_count = inputs.shape[1]
    training.inputs = &inputs[0, 0] if training.input_count else NULL
    training.rows = &rows[0, 0]
    training.parameter_count = rows.shape[1]
    training.rule = rule
    training.settings = &settings[0, 0]
    training.setting_count = settings.shape[1]
    training.losses = &losses[0]
    training.made = &made[0]
    training.samples = training.parameters_at = training.output = training.size = 0
    return training


cdef class _Block:
    """A block of lanes with its arrays."""

    cdef tape_block *block
    cdef double[::1] _values, _gradients, _partial

    def __cinit__(
        self,
        Py_ssize_t rows,
        Py_ssize_t samples,
        const double[::1] uniform,
        const signed char[::1] wanted,
        bint with_gradients,
        bint with_partial,
    ):
        cdef Py_ssize_t lanes = _CACHE // (16 * max(rows, 1)) // TAPE_PARTS * TAPE_PARTS
        lanes = min(max(lanes, TAPE_PARTS), TAPE_MOST_LANES)
        lanes = min(lanes, (samples + TAPE_PARTS - 1) // TAPE_PARTS * TAPE_PARTS)
        # Zeros: what pads a row is computed with, though never read.
        self._values = np.zeros(rows * lanes + 1)
        self._gradients = np.empty(rows * lanes + 1 if with_gradients else 1)
        self._partial = np.zeros(uniform.shape[0] * TAPE_PARTS + 1 if with_partial else 1)
        self.block = <tape_block *>malloc(sizeof(tape_block))
        if self.block == NULL:
            raise MemoryError
        self.block.stride = lanes
        self.block.values = &self._values[0]
        self.block.gradients = &self._gradients[0]
        self.block.uniform = &uniform[0] if uniform.shape[0] else NULL
        self.block.partial = &self._partial[0]
        self.block.wanted = &wanted[0] if wanted.shape[0] else NULL

    def __dealloc__(self):
        free(self.block)


def train_batches(
    Plan uniform_plan,
    Plan plan,
    Py_ssize_t rows_that_vary,
    double[::1] values,
    double[::1] gradients,
    const signed char[::1] wanted,
    const double[:, ::1] inputs,
    Py_ssize_t samples,
    Py_ssize_t size,
    const int[::1] outputs,
    Py_ssize_t first,
    Py_ssize_t parameters_at,
    double[:, ::1] rows,
    int rule,
    const double[:, ::1] settings,
    double[::1] losses,
    long long[::1] made,
):
    """Train by batches of ``size`` samples; -1, or the slot of a gate of a wrong index.

    ``first`` is the first sample of the first batch. Behind the last of the samples in ``inputs``
    stand the first ones again, as many as a batch may reach. ``made`` counts the steps.
    """
    cdef tape_training training = _training(inputs, first, rows, rule, settings, losses, made)
    cdef tape_batch batch
    cdef double[::1] scratch = np.empty(max(plan.scratch, uniform_plan.scratch) + 1)
    cdef double[::1] results = np.empty(size)
    cdef double seed = 1.0 / size
    cdef _Block lanes = _Block(rows_that_vary, size, values, wanted, True, True)
    cdef int wrong
    training.samples = samples
    training.parameters_at = parameters_at
    training.size = values.shape[0]
    batch.samples = size
    batch.inputs = training.inputs
    batch.input_count = training.input_count
    batch.output_count = 1
    batch.outputs = &outputs[0]
    batch.results = &results[0]
    batch.seeds = &seed
    batch.seed_step = 0
    batch.input_gradients = batch.result_tangents = NULL
    batch.tangents = NULL
    with nogil:
        wrong = tape_train_batches(
            &uniform_plan.part, &plan.part, &training, lanes.block, &batch, rows_that_vary,
            &values[0], &gradients[0], &scratch[0],
        )
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
    cdef tape_batch batch
    cdef _Block lanes
    cdef int wrong
    batch.samples = results.shape[0]
    if batch.samples == 0:
        return -1
    lanes = _Block(
        rows, batch.samples, uniform, wanted, seeds is not None or tangents is not None,
        seeds is not None,
    )
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
    with nogil:
        wrong = tape_run_batch(&plan.part, lanes.block, &batch, rows)
    if seeds is not None and wrong < 0 and uniform.shape[0]:
        tape_sum_parts(lanes.block, uniform.shape[0], &uniform_gradients[0])
    return wrong
