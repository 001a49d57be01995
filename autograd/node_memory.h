/* The memory of the nodes of a scalar graph: where they are made, and how they are freed.

   Nodes live in slabs, in the order in which they were made: a pass over a graph then walks through
   memory in steps that the processor foresees. A slab whose nodes are all gone is filled from its
   beginning again. Empty slabs are kept, up to a bound: memory that is given back to the system is
   faulted in again at each step, which takes as long as building the graph.

   All of this runs under the lock of the interpreter. */

#include <stdlib.h>
#include <string.h>
#ifdef __linux__
#include <sys/mman.h>
#endif

#define NODE_SLAB_BYTES ((size_t)1 << 21) /* the size of a large page, where there are such */
#define NODE_MOST_EMPTY_SLABS 64           /* 128 MB */

typedef struct node_slab {
    struct node_slab *previous, *next; /* in the ring of slabs with room, if it is in it */
    size_t live;
    char *unused;    /* where the part begins that no node was made in */
    void *first_free; /* nodes that are gone, linked through their first word */
} node_slab;

static node_slab node_roomy = {&node_roomy, &node_roomy, 0, NULL, NULL};
static node_slab *node_current;
static size_t node_size;
static size_t node_empty_slabs;

/* A pass meets the nodes from the last to the first, and builds and frees them in long runs: what lies
   some nodes ahead is fetched before it is asked for. An address outside of the slab does no harm. */
#if defined(__GNUC__) || defined(__clang__)
#define NODE_FETCH(address) __builtin_prefetch(address, 1)
#else
#define NODE_FETCH(address) ((void)(address))
#endif
#define NODE_FETCH_AHEAD (32 * node_size)

static void node_fetch_earlier(PyObject *node) {
    char *earlier = (char *)node - NODE_FETCH_AHEAD;
    NODE_FETCH(earlier);
    NODE_FETCH(earlier + 64); /* a node lies across two lines of the cache, or three */
}

static node_slab *node_slab_of(void *node) {
    return (node_slab *)((size_t)node & ~(NODE_SLAB_BYTES - 1));
}

static char *node_slab_start(node_slab *slab) {
    return (char *)slab + ((sizeof(node_slab) + 63) & ~(size_t)63);
}

static node_slab *node_slab_new(void) {
    void *memory = NULL;
#ifdef _WIN32
    memory = _aligned_malloc(NODE_SLAB_BYTES, NODE_SLAB_BYTES);
#else
    if (posix_memalign(&memory, NODE_SLAB_BYTES, NODE_SLAB_BYTES) != 0)
        memory = NULL;
#endif
#ifdef MADV_HUGEPAGE
    /* One page for a slab: the processor then need not look up where each node lies. */
    if (memory)
        madvise(memory, NODE_SLAB_BYTES, MADV_HUGEPAGE);
#endif
    if (memory) {
        node_slab *slab = memory;
        slab->previous = slab->next = NULL;
        slab->live = 0;
        slab->unused = node_slab_start(slab);
        slab->first_free = NULL;
    }
    return memory;
}

static void node_slab_delete(node_slab *slab) {
#ifdef _WIN32
    _aligned_free(slab);
#else
    free(slab);
#endif
}

static void node_slab_unlink(node_slab *slab) {
    slab->previous->next = slab->next;
    slab->next->previous = slab->previous;
    slab->previous = slab->next = NULL;
}

static int node_slab_has_room(node_slab *slab) {
    return slab->first_free || slab->unused + node_size <= (char *)slab + NODE_SLAB_BYTES;
}

/* The next slab to make nodes in: the one that had room last, or a new one. */
static node_slab *node_slab_take(void) {
    node_slab *slab = node_roomy.next;
    if (slab == &node_roomy)
        return node_slab_new();
    node_slab_unlink(slab);
    if (!slab->live)
        node_empty_slabs--;
    return slab;
}

static PyObject *node_alloc(PyTypeObject *type, Py_ssize_t count) {
    node_slab *slab = node_current;
    char *node;
    (void)count;
    if (!slab || !node_slab_has_room(slab)) {
        slab = node_slab_take();
        if (!slab)
            return PyErr_NoMemory();
        node_current = slab;
    }
    if (slab->first_free) {
        node = slab->first_free;
        slab->first_free = *(void **)node;
    } else {
        node = slab->unused;
        slab->unused += node_size;
        NODE_FETCH(slab->unused + NODE_FETCH_AHEAD);
    }
    slab->live++;
    memset(node, 0, node_size);
    return PyObject_Init((PyObject *)node, type);
}

static void node_free(void *node) {
    node_slab *slab = node_slab_of(node);
    *(void **)node = slab->first_free;
    slab->first_free = node;
    if (--slab->live == 0) {
        slab->first_free = NULL;
        slab->unused = node_slab_start(slab);
    }
    if (slab == node_current)
        return;
    if (!slab->live && node_empty_slabs == NODE_MOST_EMPTY_SLABS) {
        if (slab->next)
            node_slab_unlink(slab);
        node_slab_delete(slab);
        return;
    }
    if (!slab->next) {
        slab->next = node_roomy.next;
        slab->previous = &node_roomy;
        slab->next->previous = node_roomy.next = slab;
    }
    if (!slab->live)
        node_empty_slabs++;
}

/* Freeing in turn. The last reference to a node frees its operands, which may free theirs, as deep
   as the graph: from a depth on a dead node waits for the outermost call. It waits in a list that is
   linked through the dead nodes themselves, behind their header, so that freeing needs no memory. */

#define NODE_FREE_DEPTH 50
#define NODE_NEXT_DEAD(node) (*(PyObject **)((char *)(node) + sizeof(PyObject)))

static destructor node_dealloc;
static PyObject *node_dead;
static int node_free_depth;

static void node_dealloc_in_turn(PyObject *node) {
    if (node_free_depth == NODE_FREE_DEPTH) {
        NODE_NEXT_DEAD(node) = node_dead;
        node_dead = node;
        return;
    }
    node_free_depth++;
    node_fetch_earlier(node);
    node_dealloc(node);
    if (node_free_depth == 1) {
        while (node_dead) {
            PyObject *next = node_dead;
            node_dead = NODE_NEXT_DEAD(next);
            node_fetch_earlier(next);
            node_dealloc(next);
        }
    }
    node_free_depth--;
}

static inline void node_memory_install(PyObject *type) {
    PyTypeObject *node_type = (PyTypeObject *)type;
    node_size = ((size_t)node_type->tp_basicsize + 7) & ~(size_t)7;
    node_type->tp_alloc = node_alloc;
    node_type->tp_free = node_free;
    node_dealloc = node_type->tp_dealloc;
    node_type->tp_dealloc = node_dealloc_in_turn;
}
