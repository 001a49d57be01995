"""The table of elementwise gates: one row each, from which everything else is derived.

A row gives the gate's name, its symbol in drawings, its formula, its local derivative by each
operand, and the domain of each operand. The derivatives may use ``out``, the result. The order of
the rows has no meaning.
"""

from .gate import ANYTHING, NONNEGATIVE, POSITIVE, Gate

add = Gate("add", "+", "x + y", ("1", "1"), (ANYTHING, ANYTHING), commutative=True)
sub = Gate("sub", "−", "x - y", ("1", "-1"), (ANYTHING, ANYTHING))
mul = Gate("mul", "×", "x * y", ("y", "x"), (ANYTHING, ANYTHING), commutative=True)
div = Gate("div", "÷", "x / y", ("1 / y", "-out / y"), (ANYTHING, POSITIVE))
neg = Gate("neg", "−", "-x", ("-1",), (ANYTHING,))
# A power of a constant zero exponent is flat, and 0 ** y is flat for y >= 0: the plain formulas
# would give 0 * inf there. The derivative by y of a negative base does not exist: nan.
pow = Gate(
    "pow",
    "xʸ",
    "x ** y",
    (
        "where(y == 0, 0, y * x ** (y - 1))",
        "where(x == 0, where(y < 0, -out, 0), out * log(x))",
    ),
    (POSITIVE, ANYTHING),
)
exp = Gate("exp", "exp", "exp(x)", ("out",), (ANYTHING,))
log = Gate("log", "ln", "log(x)", ("1 / x",), (POSITIVE,))
sqrt = Gate("sqrt", "√", "sqrt(x)", ("0.5 / out",), (POSITIVE,))
sin = Gate("sin", "sin", "sin(x)", ("cos(x)",), (ANYTHING,))
cos = Gate("cos", "cos", "cos(x)", ("-sin(x)",), (ANYTHING,))
# sech² through exp(-2|x|): 1 - out * out loses all digits where out rounds to one.
tanh = Gate(
    "tanh",
    "tanh",
    "tanh(x)",
    ("4 * exp(-2 * abs(x)) / (1 + exp(-2 * abs(x))) ** 2",),
    (ANYTHING,),
)
# Through exp(-|x|), which never overflows, and right to the last digits in both tails.
sigmoid = Gate(
    "sigmoid",
    "σ",
    "where(x < 0, exp(-abs(x)), 1) / (1 + exp(-abs(x)))",
    ("exp(-abs(x)) / (1 + exp(-abs(x))) ** 2",),
    (ANYTHING,),
)
# relu'(0) = 0. Asking x <= 0, not x > 0, lets a nan through.
relu = Gate(
    "relu", "relu", "where(x <= 0, 0, x)", ("where(x > 0, 1, 0)",), (ANYTHING,), kinks=("x",)
)
# abs'(0) = 0.
abs = Gate(
    "abs",
    "|x|",
    "abs(x)",
    ("where(x > 0, 1, where(x < 0, -1, 0))",),
    (ANYTHING,),
    kinks=("x",),
)
# Ties share the gradient evenly; a nan on either side is the result.
maximum = Gate(
    "maximum",
    "max",
    "where(x > y, x, where(x <= y, y, x + y))",
    ("where(x > y, 1, where(x == y, 0.5, 0))", "where(x < y, 1, where(x == y, 0.5, 0))"),
    (ANYTHING, ANYTHING),
    kinks=("x - y",),
    commutative=True,
)
minimum = Gate(
    "minimum",
    "min",
    "where(x < y, x, where(x >= y, y, x + y))",
    ("where(x < y, 1, where(x == y, 0.5, 0))", "where(x > y, 1, where(x == y, 0.5, 0))"),
    (ANYTHING, ANYTHING),
    kinks=("x - y",),
    commutative=True,
)

del ANYTHING, NONNEGATIVE, POSITIVE, Gate
