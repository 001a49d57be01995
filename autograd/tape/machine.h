/* Runs a scheduled tape: segment by segment forward, and back in the opposite order.

   A segment is a row of four integers: what it does, how many results it has, the slot of the first
   of them (they are neighbours), and where in `operands` it begins. There stand

   - for a run of equal gates of the table: the slots of all first operands, then of all second ones,
     then of all third ones;
   - for gates of any number of operands: for each, where its operands begin and how many they are;
   - for a product of a matrix and a vector: the number of terms, the step from one element of a row
     to the next, whether there is a bias; then the slots of the vector, of the beginnings of the
     rows, and of the biases. */

#include "tape_kernel.h"

enum { KIND, COUNT, OUT, BEGIN, SEGMENT_FIELDS };

typedef struct {
    const int *segments;
    ptrdiff_t count;
    const int *operands;
} tape_part;

/* out[r] = sum over k of row[r][k * step] * vector[k], and bias[r], if there is one. */
typedef struct {
    ptrdiff_t rows, terms, step, out;
    const int *vector, *row, *bias;
} tape_matrix;

static inline tape_matrix tape_matrix_of(const int *segment, const int *operands) {
    const int *at = operands + segment[BEGIN];
    tape_matrix m = {.rows = segment[COUNT], .terms = at[0], .step = at[1], .out = segment[OUT]};
    m.vector = at + 3;
    m.row = m.vector + m.terms;
    m.bias = at[2] ? m.row + m.rows : NULL;
    return m;
}

static inline double tape_dot(
    const double *restrict x, ptrdiff_t step, const double *restrict y, ptrdiff_t count
) {
    if (step != 1) {
        double sum = 0.0;
        for (ptrdiff_t k = 0; k < count; k++)
            sum += x[k * step] * y[k];
        return sum;
    }
    double parts[TAPE_PARTS] = {0};
    ptrdiff_t k = 0;
    for (; k + TAPE_PARTS <= count; k += TAPE_PARTS)
        for (int j = 0; j < TAPE_PARTS; j++)
            parts[j] += x[k + j] * y[k + j];
    double sum = ((parts[0] + parts[4]) + (parts[2] + parts[6])) +
                 ((parts[1] + parts[5]) + (parts[3] + parts[7]));
    for (; k < count; k++)
        sum += x[k] * y[k];
    return sum;
}

TAPE_CLONES static void tape_matrix_forward(
    const int *segment, const int *operands, double *values, double *restrict scratch
) {
    const tape_matrix m = tape_matrix_of(segment, operands);
    for (ptrdiff_t k = 0; k < m.terms; k++)
        scratch[k] = values[m.vector[k]];
    for (ptrdiff_t r = 0; r < m.rows; r++) {
        const double sum = tape_dot(values + m.row[r], m.step, scratch, m.terms);
        values[m.out + r] = m.bias ? sum + values[m.bias[r]] : sum;
    }
}

TAPE_CLONES static void tape_matrix_backward(
    const int *segment, const int *operands, const double *values, double *gradients,
    double *restrict scratch
) {
    const tape_matrix m = tape_matrix_of(segment, operands);
    double *restrict sent = scratch + m.terms;
    for (ptrdiff_t k = 0; k < m.terms; k++) {
        scratch[k] = values[m.vector[k]];
        sent[k] = 0.0;
    }
    for (ptrdiff_t r = 0; r < m.rows; r++) {
        const double g = gradients[m.out + r];
        const double *restrict row = values + m.row[r];
        double *restrict to_row = gradients + m.row[r];
        if (m.step == 1)
            for (ptrdiff_t k = 0; k < m.terms; k++) {
                to_row[k] += g * scratch[k];
                sent[k] += g * row[k];
            }
        else
            for (ptrdiff_t k = 0; k < m.terms; k++) {
                to_row[k * m.step] += g * scratch[k];
                sent[k] += g * row[k * m.step];
            }
        if (m.bias)
            gradients[m.bias[r]] += g;
    }
    for (ptrdiff_t k = 0; k < m.terms; k++)
        gradients[m.vector[k]] += sent[k];
}

/* Where a gate of `take` finds what its index chooses: a place among the operands; or -1 if the index
   is none of them. */
static inline ptrdiff_t tape_choice(double index, int count) {
    if (!(index >= 0 && index < count - 1) || index != (double)(ptrdiff_t)index)
        return -1;
    return 1 + (ptrdiff_t)index;
}

static int tape_many_forward(const int *segment, const int *operands, double *values) {
    const int *at = operands + segment[BEGIN];
    for (ptrdiff_t i = 0; i < segment[COUNT]; i++) {
        const int *wires = operands + at[2 * i], count = at[2 * i + 1];
        double result = 0.0;
        if (segment[KIND] == TAPE_DOT) {
            for (int k = 0; k < count / 2; k++)
                result += values[wires[k]] * values[wires[count / 2 + k]];
        } else if (segment[KIND] == TAPE_TAKE) {
            const ptrdiff_t choice = tape_choice(values[wires[0]], count);
            if (choice < 0)
                return segment[OUT] + (int)i;
            result = values[wires[choice]];
        } else {
            for (int k = 0; k < count; k++)
                result += values[wires[k]];
            if (segment[KIND] == TAPE_MEAN)
                result /= count;
        }
        values[segment[OUT] + i] = result;
    }
    return -1;
}

static void tape_many_backward(
    const int *segment, const int *operands, const double *values, double *gradients
) {
    const int *at = operands + segment[BEGIN];
    for (ptrdiff_t i = (ptrdiff_t)segment[COUNT] - 1; i >= 0; i--) {
        const int *wires = operands + at[2 * i], count = at[2 * i + 1], half = count / 2;
        double g = gradients[segment[OUT] + i];
        if (segment[KIND] == TAPE_DOT) {
            for (int k = 0; k < half; k++)
                gradients[wires[k]] += g * values[wires[half + k]];
            for (int k = 0; k < half; k++)
                gradients[wires[half + k]] += g * values[wires[k]];
        } else if (segment[KIND] == TAPE_TAKE) {
            gradients[wires[tape_choice(values[wires[0]], count)]] += g;
        } else {
            if (segment[KIND] == TAPE_MEAN)
                g *= 1.0 / count;
            for (int k = 0; k < count; k++)
                gradients[wires[k]] += g;
        }
    }
}

/* The slot of a gate whose index was out of range; -1 if all went well. */
static int tape_forward(const tape_part *part, double *values, double *scratch) {
    const int *end = part->segments + part->count * SEGMENT_FIELDS, *operands = part->operands;
    for (const int *s = part->segments; s < end; s += SEGMENT_FIELDS) {
        if (s[KIND] < TAPE_SUM)
            tape_forward_run(s[KIND], s[COUNT], values, values + s[OUT], operands + s[BEGIN]);
        else if (s[KIND] == TAPE_MATRIX)
            tape_matrix_forward(s, operands, values, scratch);
        else {
            const int wrong = tape_many_forward(s, operands, values);
            if (wrong >= 0)
                return wrong;
        }
    }
    return -1;
}

static void tape_backward(
    const tape_part *part, const double *values, double *gradients, double *scratch
) {
    const int *operands = part->operands;
    for (const int *s = part->segments + part->count * SEGMENT_FIELDS; s > part->segments;) {
        s -= SEGMENT_FIELDS;
        if (s[KIND] < TAPE_SUM)
            tape_backward_run(s[KIND], s[COUNT], values, values + s[OUT], gradients + s[OUT],
                              gradients, operands + s[BEGIN]);
        else if (s[KIND] == TAPE_MATRIX)
            tape_matrix_backward(s, operands, values, gradients, scratch);
        else
            tape_many_backward(s, operands, values, gradients);
    }
}

/* A training. The parameters are the first of the rows; the other rows are their states. */
typedef struct {
    ptrdiff_t steps, first;
    const double *inputs; /* a row for each sample */
    ptrdiff_t input_count, samples;
    double *rows;
    ptrdiff_t parameter_count, parameters_at; /* where they stand among the values */
    int rule;
    const double *settings; /* a row for each step */
    ptrdiff_t setting_count;
    int output;
    double *losses; /* of each step */
    long long *made; /* counts the steps that were made */
    ptrdiff_t size; /* of the values */
} tape_training;

/* By one sample after the other, whose inputs lie in front of the values. */
static int tape_train(
    const tape_part *part, const tape_training *t, double *values, double *gradients,
    double *scratch
) {
    for (ptrdiff_t step = 0; step < t->steps; step++) {
        const ptrdiff_t sample = (t->first + step) % t->samples;
        for (ptrdiff_t i = 0; i < t->input_count; i++)
            values[i] = t->inputs[sample * t->input_count + i];
        memcpy(values + t->parameters_at, t->rows, sizeof(double) * (size_t)t->parameter_count);
        const int wrong = tape_forward(part, values, scratch);
        if (wrong >= 0)
            return wrong;
        t->losses[step] = values[t->output];
        memset(gradients, 0, sizeof(double) * (size_t)t->size);
        gradients[t->output] = 1.0;
        tape_backward(part, values, gradients, scratch);
        tape_update(t->rule, t->parameter_count, t->rows, gradients + t->parameters_at,
                    t->settings + step * t->setting_count);
        ++*t->made;
    }
    return -1;
}
