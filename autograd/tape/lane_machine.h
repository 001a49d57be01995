/* The same over a block of lanes. A matrix is uniform here, its vector varies, and a bias does either. */

#include "machine.h"

/* How many vectors of lanes, and how many rows, are summed up side by side in registers. What is left
   over reaches beyond the lanes that are used, into those that pad a row: what is computed there is
   never read. */
#define TAPE_WIDE 4
#define TAPE_GROUP 4

/* Sums over the terms of number[k] * row[k], for some vectors of lanes: a product of a matrix. */
typedef struct {
    tape_vector at[TAPE_WIDE];
} tape_sums;

TAPE_INLINE void tape_add_scaled(tape_sums *sums, double number, const double *row, int width) {
    for (int j = 0; j < width; j++)
        sums->at[j] += number * TAPE_VECTOR(row + j * TAPE_PARTS);
}

TAPE_INLINE void tape_matrix_tile(
    const tape_block *b, const tape_matrix *m, ptrdiff_t r, ptrdiff_t l, int width
) {
    const double *row = b->uniform + ~m->row[r];
    tape_sums sums = {{{0}}};
    for (ptrdiff_t k = 0; k < m->terms; k++)
        tape_add_scaled(&sums, row[k * m->step], b->values + m->vector[k] * b->stride + l, width);
    if (m->bias && m->bias[r] >= 0)
        tape_add_scaled(&sums, 1.0, b->values + m->bias[r] * b->stride + l, width);
    const double bias = m->bias && m->bias[r] < 0 ? b->uniform[~m->bias[r]] : 0.0;
    double *out = b->values + (m->out + r) * b->stride + l;
    for (int j = 0; j < width; j++)
        TAPE_VECTOR(out + j * TAPE_PARTS) = sums.at[j] + bias;
}

TAPE_CLONES static void tape_matrix_forward_lanes(
    const int *segment, const int *operands, tape_block *b
) {
    const tape_matrix m = tape_matrix_of(segment, operands);
    ptrdiff_t l = 0;
    for (; l + TAPE_WIDE * TAPE_PARTS <= b->lanes; l += TAPE_WIDE * TAPE_PARTS)
        for (ptrdiff_t r = 0; r < m.rows; r++)
            tape_matrix_tile(b, &m, r, l, TAPE_WIDE);
    for (; l < b->lanes; l += TAPE_PARTS)
        for (ptrdiff_t r = 0; r < m.rows; r++)
            tape_matrix_tile(b, &m, r, l, 1);
}

/* To some elements of a row: the products of the gradients with the vector, lane by lane. */
TAPE_INLINE void tape_matrix_send(
    tape_block *b, const tape_matrix *m, ptrdiff_t r, ptrdiff_t k, int group
) {
    const double *g = b->gradients + (m->out + r) * b->stride;
    const double *x[TAPE_GROUP];
    tape_vector sums[TAPE_GROUP] = {{0}};
    for (int i = 0; i < group; i++)
        x[i] = b->values + m->vector[k + i] * b->stride;
    ptrdiff_t l = 0;
    for (; l + TAPE_PARTS <= b->lanes; l += TAPE_PARTS) {
        const tape_vector sent = TAPE_VECTOR(g + l);
        for (int i = 0; i < group; i++)
            sums[i] += sent * TAPE_VECTOR(x[i] + l);
    }
    for (int i = 0; i < group; i++) {
        double *parts = b->partial + (~m->row[r] + (k + i) * m->step) * TAPE_PARTS;
        TAPE_VECTOR(parts) += sums[i];
        for (int j = 0; l + j < b->lanes; j++)
            parts[j] += g[l + j] * x[i][l + j];
    }
}

/* Whether an element of the matrix is no constant. */
static int tape_matrix_wants_gradient(const tape_block *b, const tape_matrix *m) {
    for (ptrdiff_t r = 0; r < m->rows; r++)
        for (ptrdiff_t k = 0; k < m->terms; k++)
            if (b->wanted[~m->row[r] + k * m->step])
                return 1;
    return 0;
}

/* To the vector: the transposed matrix times the gradients. */
TAPE_INLINE void tape_vector_tile(
    const tape_block *b, const tape_matrix *m, ptrdiff_t k, ptrdiff_t l, int width
) {
    tape_sums sums = {{{0}}};
    for (ptrdiff_t r = 0; r < m->rows; r++)
        tape_add_scaled(&sums, b->uniform[~m->row[r] + k * m->step],
                        b->gradients + (m->out + r) * b->stride + l, width);
    double *to_x = b->gradients + m->vector[k] * b->stride + l;
    for (int j = 0; j < width; j++)
        TAPE_VECTOR(to_x + j * TAPE_PARTS) += sums.at[j];
}

TAPE_CLONES static void tape_matrix_backward_lanes(
    const int *segment, const int *operands, tape_block *b
) {
    const tape_matrix m = tape_matrix_of(segment, operands);
    if (tape_matrix_wants_gradient(b, &m))
        for (ptrdiff_t r = 0; r < m.rows; r++) {
            ptrdiff_t k = 0;
            for (; k + TAPE_GROUP <= m.terms; k += TAPE_GROUP)
                tape_matrix_send(b, &m, r, k, TAPE_GROUP);
            for (; k < m.terms; k++)
                tape_matrix_send(b, &m, r, k, 1);
        }
    ptrdiff_t l = 0;
    for (; l + TAPE_WIDE * TAPE_PARTS <= b->lanes; l += TAPE_WIDE * TAPE_PARTS)
        for (ptrdiff_t k = 0; k < m.terms; k++)
            tape_vector_tile(b, &m, k, l, TAPE_WIDE);
    for (; l < b->lanes; l += TAPE_PARTS)
        for (ptrdiff_t k = 0; k < m.terms; k++)
            tape_vector_tile(b, &m, k, l, 1);
    for (ptrdiff_t r = 0; m.bias && r < m.rows; r++) {
        const double *restrict g = tape_gradient_row(b, m.out + r);
        if (m.bias[r] < 0)
            tape_add_row(g, b->lanes, b->partial + (ptrdiff_t)~m.bias[r] * TAPE_PARTS);
        else {
            double *restrict to_bias = tape_gradient_row(b, m.bias[r]);
            for (l = 0; l < b->lanes; l++)
                to_bias[l] += g[l];
        }
    }
}

TAPE_CLONES static void tape_add_product(
    tape_block *b, double *restrict out, int x, int y
) {
    const ptrdiff_t lanes = b->lanes;
    if (x < 0 && y < 0) {
        const double product = b->uniform[~x] * b->uniform[~y];
        for (ptrdiff_t l = 0; l < lanes; l++)
            out[l] += product;
    } else if (x < 0 || y < 0) {
        const double number = b->uniform[x < 0 ? ~x : ~y];
        const double *restrict row = tape_row(b, x < 0 ? y : x);
        for (ptrdiff_t l = 0; l < lanes; l++)
            out[l] += number * row[l];
    } else {
        const double *restrict xs = tape_row(b, x), *restrict ys = tape_row(b, y);
        for (ptrdiff_t l = 0; l < lanes; l++)
            out[l] += xs[l] * ys[l];
    }
}

/* To x what a gradient times y is. */
TAPE_CLONES static void tape_send_product(
    tape_block *b, const double *restrict g, int x, int y
) {
    if (!tape_wants_gradient(b, x))
        return;
    double *restrict sum = tape_open_gradient(b, x);
    const ptrdiff_t lanes = b->lanes;
    if (y < 0) {
        const double number = b->uniform[~y];
        for (ptrdiff_t l = 0; l < lanes; l++)
            sum[l] += g[l] * number;
    } else {
        const double *restrict ys = tape_row(b, y);
        for (ptrdiff_t l = 0; l < lanes; l++)
            sum[l] += g[l] * ys[l];
    }
    tape_close_gradient(b, x);
}

static inline double tape_lane(const tape_block *b, const double *rows, int slot, ptrdiff_t lane) {
    return slot >= 0 ? rows[slot * b->stride + lane] : b->uniform[~slot];
}

static int tape_many_forward_lanes(const int *segment, const int *operands, tape_block *b) {
    const int *at = operands + segment[BEGIN];
    for (ptrdiff_t i = 0; i < segment[COUNT]; i++) {
        const int *wires = operands + at[2 * i], count = at[2 * i + 1];
        double *restrict out = tape_row(b, segment[OUT] + i);
        if (segment[KIND] == TAPE_TAKE) {
            for (ptrdiff_t l = 0; l < b->lanes; l++) {
                const double index = tape_lane(b, b->values, wires[0], l);
                const ptrdiff_t choice = tape_choice(index, count);
                if (choice < 0)
                    return segment[OUT] + (int)i;
                out[l] = tape_lane(b, b->values, wires[choice], l);
            }
            continue;
        }
        for (ptrdiff_t l = 0; l < b->lanes; l++)
            out[l] = 0.0;
        if (segment[KIND] == TAPE_DOT) {
            for (int k = 0; k < count / 2; k++)
                tape_add_product(b, out, wires[k], wires[count / 2 + k]);
            continue;
        }
        for (int k = 0; k < count; k++) {
            const double *restrict row = tape_operand(b, wires[k], 0);
            for (ptrdiff_t l = 0; l < b->lanes; l++)
                out[l] += row[l];
        }
        if (segment[KIND] == TAPE_MEAN)
            for (ptrdiff_t l = 0; l < b->lanes; l++)
                out[l] /= count;
    }
    return -1;
}

static void tape_send_choices(tape_block *b, const double *g, const int *wires, int count) {
    for (ptrdiff_t l = 0; l < b->lanes; l++) {
        const int chosen = wires[tape_choice(tape_lane(b, b->values, wires[0], l), count)];
        if (chosen >= 0)
            tape_gradient_row(b, chosen)[l] += g[l];
        else
            b->partial[(ptrdiff_t)~chosen * TAPE_PARTS + l % TAPE_PARTS] += g[l];
    }
}

static void tape_many_backward_lanes(const int *segment, const int *operands, tape_block *b) {
    const int *at = operands + segment[BEGIN];
    for (ptrdiff_t i = (ptrdiff_t)segment[COUNT] - 1; i >= 0; i--) {
        const int *wires = operands + at[2 * i], count = at[2 * i + 1];
        double *restrict g = tape_gradient_row(b, segment[OUT] + i);
        if (segment[KIND] == TAPE_TAKE) {
            tape_send_choices(b, g, wires, count);
        } else if (segment[KIND] == TAPE_DOT) {
            const int half = count / 2;
            for (int k = 0; k < half; k++)
                tape_send_product(b, g, wires[k], wires[half + k]);
            for (int k = 0; k < half; k++)
                tape_send_product(b, g, wires[half + k], wires[k]);
        } else {
            if (segment[KIND] == TAPE_MEAN)
                for (ptrdiff_t l = 0; l < b->lanes; l++)
                    g[l] *= 1.0 / count;
            for (int k = 0; k < count; k++) {
                if (!tape_wants_gradient(b, wires[k]))
                    continue;
                double *restrict sum = tape_open_gradient(b, wires[k]);
                for (ptrdiff_t l = 0; l < b->lanes; l++)
                    sum[l] += g[l];
                tape_close_gradient(b, wires[k]);
            }
        }
    }
}

static int tape_forward_block(const tape_part *part, tape_block *b) {
    const int *end = part->segments + part->count * SEGMENT_FIELDS, *operands = part->operands;
    for (const int *s = part->segments; s < end; s += SEGMENT_FIELDS) {
        if (s[KIND] < TAPE_SUM)
            tape_forward_lanes(s[KIND], s[COUNT], b, s[OUT], operands + s[BEGIN]);
        else if (s[KIND] == TAPE_MATRIX)
            tape_matrix_forward_lanes(s, operands, b);
        else {
            const int wrong = tape_many_forward_lanes(s, operands, b);
            if (wrong >= 0)
                return wrong;
        }
    }
    return -1;
}

static void tape_backward_block(const tape_part *part, tape_block *b) {
    const int *operands = part->operands;
    for (const int *s = part->segments + part->count * SEGMENT_FIELDS; s > part->segments;) {
        s -= SEGMENT_FIELDS;
        if (s[KIND] < TAPE_SUM)
            tape_backward_lanes(s[KIND], s[COUNT], b, s[OUT], operands + s[BEGIN]);
        else if (s[KIND] == TAPE_MATRIX)
            tape_matrix_backward_lanes(s, operands, b);
        else
            tape_many_backward_lanes(s, operands, b);
    }
}

/* Tangents of a gate of any number of operands, whose uniform ones stand still. */
static void tape_many_tangent_lanes(const int *segment, const int *operands, tape_block *b) {
    const int *at = operands + segment[BEGIN];
    for (ptrdiff_t i = 0; i < segment[COUNT]; i++) {
        const int *wires = operands + at[2 * i], count = at[2 * i + 1];
        const int half = count / 2;
        double *restrict t = tape_gradient_row(b, segment[OUT] + i);
        for (ptrdiff_t l = 0; l < b->lanes; l++) {
            double sum = 0.0;
            if (segment[KIND] == TAPE_TAKE) {
                const int chosen =
                    wires[tape_choice(tape_lane(b, b->values, wires[0], l), count)];
                sum = chosen >= 0 ? tape_gradient_row(b, chosen)[l] : 0.0;
            } else
                for (int k = 0; k < count; k++)
                    if (wires[k] >= 0) {
                        double tangent = tape_gradient_row(b, wires[k])[l];
                        if (segment[KIND] == TAPE_DOT)
                            tangent *= tape_lane(b, b->values, wires[k < half ? k + half : k - half], l);
                        sum += tangent;
                    }
            t[l] = segment[KIND] == TAPE_MEAN ? sum * (1.0 / count) : sum;
        }
    }
}

static void tape_matrix_tangent_lanes(const int *segment, const int *operands, tape_block *b) {
    const tape_matrix m = tape_matrix_of(segment, operands);
    for (ptrdiff_t r = 0; r < m.rows; r++) {
        const double *row = b->uniform + ~m.row[r];
        double *restrict t = tape_gradient_row(b, m.out + r);
        for (ptrdiff_t k = 0; k < m.terms; k++) {
            const double w = row[k * m.step];
            const double *restrict x = tape_gradient_row(b, m.vector[k]);
            for (ptrdiff_t l = 0; l < b->lanes; l++)
                t[l] += w * x[l];
        }
        if (m.bias && m.bias[r] >= 0)
            for (ptrdiff_t l = 0; l < b->lanes; l++)
                t[l] += tape_gradient_row(b, m.bias[r])[l];
    }
}

static void tape_tangent_block(const tape_part *part, tape_block *b) {
    const int *end = part->segments + part->count * SEGMENT_FIELDS, *operands = part->operands;
    for (const int *s = part->segments; s < end; s += SEGMENT_FIELDS) {
        if (s[KIND] < TAPE_SUM)
            tape_tangent_lanes(s[KIND], s[COUNT], b, s[OUT], operands + s[BEGIN]);
        else if (s[KIND] == TAPE_MATRIX)
            tape_matrix_tangent_lanes(s, operands, b);
        else
            tape_many_tangent_lanes(s, operands, b);
    }
}

/* What is computed for many samples. Arrays have a row for each sample; those that may be NULL are
   then not asked for. */
typedef struct {
    ptrdiff_t samples;
    const double *inputs;      /* of the leaves that vary */
    ptrdiff_t input_count;
    const int *outputs;        /* their slots */
    ptrdiff_t output_count;
    double *results;           /* of the outputs */
    const double *seeds;       /* the gradients of the outputs; NULL: values alone */
    int seed_step;             /* 0 if all samples have the same seeds */
    double *input_gradients;   /* of the leaves that vary; may be NULL */
    const double *tangents;    /* of the leaves that vary; NULL: none */
    double *result_tangents;   /* of the outputs */
} tape_batch;

static void tape_load(
    tape_block *b, const tape_batch *batch, ptrdiff_t first, const double *from, double *rows
) {
    for (ptrdiff_t i = 0; i < batch->input_count; i++)
        for (ptrdiff_t l = 0; l < b->lanes; l++)
            rows[i * b->stride + l] = from[(first + l) * batch->input_count + i];
}

static void tape_seed(tape_block *b, const tape_batch *batch, ptrdiff_t first) {
    for (ptrdiff_t i = 0; i < batch->output_count; i++)
        for (ptrdiff_t l = 0; l < b->lanes; l++) {
            const ptrdiff_t sample = batch->seed_step ? first + l : 0;
            const double seed = batch->seeds[sample * batch->output_count + i];
            const int slot = batch->outputs[i];
            if (slot >= 0)
                tape_gradient_row(b, slot)[l] += seed;
            else
                b->partial[(ptrdiff_t)~slot * TAPE_PARTS + l % TAPE_PARTS] += seed;
        }
}

/* All samples, block by block; what is uniform has been computed. `rows` is how many slots vary, and
   `b->stride` the number of lanes of a full block, a multiple of TAPE_PARTS. */
static int tape_run_batch(
    const tape_part *part, tape_block *b, const tape_batch *batch, ptrdiff_t rows
) {
    for (ptrdiff_t first = 0; first < batch->samples; first += b->stride) {
        const ptrdiff_t left = batch->samples - first;
        b->lanes = left < b->stride ? left : b->stride;
        tape_load(b, batch, first, batch->inputs, b->values);
        const int wrong = tape_forward_block(part, b);
        if (wrong >= 0)
            return wrong;
        for (ptrdiff_t i = 0; i < batch->output_count; i++)
            for (ptrdiff_t l = 0; l < b->lanes; l++)
                batch->results[(first + l) * batch->output_count + i] =
                    tape_lane(b, b->values, batch->outputs[i], l);
        if (batch->seeds || batch->tangents)
            memset(b->gradients, 0, sizeof(double) * (size_t)(rows * b->stride));
        if (batch->seeds) {
            tape_seed(b, batch, first);
            tape_backward_block(part, b);
            if (batch->input_gradients)
                for (ptrdiff_t i = 0; i < batch->input_count; i++)
                    for (ptrdiff_t l = 0; l < b->lanes; l++)
                        batch->input_gradients[(first + l) * batch->input_count + i] =
                            b->gradients[i * b->stride + l];
        }
        if (batch->tangents) {
            tape_load(b, batch, first, batch->tangents, b->gradients);
            tape_tangent_block(part, b);
            for (ptrdiff_t i = 0; i < batch->output_count; i++) {
                const int slot = batch->outputs[i];
                for (ptrdiff_t l = 0; l < b->lanes; l++)
                    batch->result_tangents[(first + l) * batch->output_count + i] =
                        slot >= 0 ? tape_gradient_row(b, slot)[l] : 0.0;
            }
        }
    }
    return -1;
}

/* Add the gradients of what is uniform up over the lanes. */
static void tape_sum_parts(const tape_block *b, ptrdiff_t count, double *gradients) {
    for (ptrdiff_t i = 0; i < count; i++) {
        double total = 0.0;
        for (int j = 0; j < TAPE_PARTS; j++)
            total += b->partial[i * TAPE_PARTS + j];
        gradients[i] += total;
    }
}

/* A training by batches of neighbouring samples; behind the last of `samples` stand the first again,
   as many as a batch may reach. `batch` is that of the first step, and `t->size` counts the uniform
   values. The slot of a gate whose index was out of range, ~slot of a uniform one; -1 if all went
   well, which is no gate's: the first uniform slot is that of a leaf, where there are any gates. */
static int tape_train_batches(
    const tape_part *uniform, const tape_part *varying, const tape_training *t, tape_block *b,
    tape_batch *batch, ptrdiff_t rows, double *values, double *gradients, double *scratch
) {
    ptrdiff_t begin = t->first;
    for (ptrdiff_t step = 0; step < t->steps; step++) {
        memcpy(values + t->parameters_at, t->rows, sizeof(double) * (size_t)t->parameter_count);
        int wrong = tape_forward(uniform, values, scratch);
        if (wrong >= 0)
            return ~wrong;
        memset(b->partial, 0, sizeof(double) * (size_t)(t->size * TAPE_PARTS));
        batch->inputs = t->inputs + begin * t->input_count;
        wrong = tape_run_batch(varying, b, batch, rows);
        if (wrong >= 0)
            return wrong;
        double loss = 0.0;
        for (ptrdiff_t l = 0; l < batch->samples; l++)
            loss += batch->results[l];
        t->losses[step] = loss / (double)batch->samples;
        memset(gradients, 0, sizeof(double) * (size_t)t->size);
        tape_sum_parts(b, t->size, gradients);
        tape_backward(uniform, values, gradients, scratch);
        tape_update(t->rule, t->parameter_count, t->rows, gradients + t->parameters_at,
                    t->settings + step * t->setting_count);
        ++*t->made;
        begin = (begin + batch->samples) % t->samples;
    }
    return -1;
}
