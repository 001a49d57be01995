"""The gates on whole arrays: each a forward function and a vector-Jacobian product by operand.

A vjp is called as ``vjp(g, out, *operands, **arguments)``, where ``g`` is the gradient of ``out``.
It is written with NumPy's functions and operators, which record a graph when they meet Tensors:
given arrays it computes, given Tensors its result can be differentiated again. It knows calculus
only: that an operand was broadcast is undone by the driver. It neither changes nor keeps what it
is given.
"""

from .arranging import *
from .array_gate import ArrayGate as ArrayGate
from .array_gate import Axis as Axis
from .array_gate import Vjp as Vjp
from .array_gate import plain as plain
from .choosing import *
from .contractions import *
from .convolution import *
from .diagonals import *
from .indexing import *
from .joining import *
from .linear_algebra import *
from .norms import *
from .ordering import *
from .pooling import *
from .products import *
from .reductions import *
from .scans import *
from .shaping import *
from .softmax import *
