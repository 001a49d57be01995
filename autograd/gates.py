"""The table of elementwise gates: one row each, from which everything else is derived.

A row gives the gate's name, its symbol in drawings, its formula, its local derivative by each
operand, and the domain of each operand. A derivative may use ``out``, the result; it is written so
that it keeps its digits near zero and in both tails, and so that it can itself be differentiated:
the derivatives of a smooth gate are smooth formulas. In them ``magnitude(x)`` is |x| with the
derivative of the right side at zero, so that what is analytic on both sides stays so. A gate whose
formula is its own name is a primitive, which every engine takes from its mathematical library.
"""

from .gate import ABOVE_MINUS_ONE, ABOVE_ONE, ANYTHING, BELOW_ONE, POSITIVE, QUARTER_TURN, Gate

add = Gate("add", "+", "x + y", ("1", "1"), (ANYTHING, ANYTHING), commutative=True)
sub = Gate("sub", "−", "x - y", ("1", "-1"), (ANYTHING, ANYTHING))
mul = Gate("mul", "×", "x * y", ("y", "x"), (ANYTHING, ANYTHING), commutative=True)
div = Gate("div", "÷", "x / y", ("1 / y", "-out / y"), (ANYTHING, POSITIVE))
neg = Gate("neg", "−", "-x", ("-1",), (ANYTHING,))
# 0 ** 0 is flat, and so is 0 ** y for y >= 0: the plain formulas would give 0 * inf there. The
# derivative by y of a negative base does not exist: nan. The logarithm never meets 0: where both
# branches are computed, the one that is not taken is sent 0 times its slope.
pow = Gate(
    "pow",
    "xʸ",
    "x ** y",
    (
        "where(y == 0, where(x == 0, 0, y * x ** (y - 1)), y * x ** (y - 1))",
        "where(x == 0, where(y < 0, -out, 0), out * log(where(x == 0, 1, x)))",
    ),
    (POSITIVE, ANYTHING),
)
reciprocal = Gate("reciprocal", "1/x", "1 / x", ("-out * out",), (POSITIVE,))
square = Gate("square", "x²", "x * x", ("2 * x",), (ANYTHING,))
sqrt = Gate("sqrt", "√", "sqrt(x)", ("0.5 / out",), (POSITIVE,))
# Through out / x, which has the error of one cube root, not of its square; at 0 it is infinite, and
# at infinity, where x - x is nan, it is 0.
cbrt = Gate(
    "cbrt",
    "cbrt",
    "cbrt(x)",
    ("where(x == 0, 1 / abs(x), where(x - x == 0, out / x / 3, 1 / out / out))",),
    (ANYTHING,),
    kinks=("x",),
)
hypot = Gate(
    "hypot",
    "hypot",
    "hypot(x, y)",
    # At the origin, where there is no derivative, both are 0, and so are the second ones: the
    # quotient that is not taken has a finite slope.
    (
        "where(out == 0, 0, x / where(out == 0, 1, out))",
        "where(out == 0, 0, y / where(out == 0, 1, out))",
    ),
    (ANYTHING, ANYTHING),
    kinks=("hypot(x, y)",),
    commutative=True,
)

exp = Gate("exp", "exp", "exp(x)", ("out",), (ANYTHING,))
exp2 = Gate("exp2", "2ˣ", "exp2(x)", ("out * 0.6931471805599453",), (ANYTHING,))
# exp(x), not out + 1, which has no digits left where x is far below zero.
expm1 = Gate("expm1", "expm1", "expm1(x)", ("exp(x)",), (ANYTHING,))
log = Gate("log", "ln", "log(x)", ("1 / x",), (POSITIVE,))
log2 = Gate("log2", "log2", "log2(x)", ("1 / x / 0.6931471805599453",), (POSITIVE,))
log10 = Gate("log10", "log10", "log10(x)", ("1 / x / 2.302585092994046",), (POSITIVE,))
log1p = Gate("log1p", "ln(1+x)", "log1p(x)", ("1 / (1 + x)",), (ABOVE_MINUS_ONE,))
logaddexp = Gate(
    "logaddexp",
    "logaddexp",
    "where(x == y, x + 0.6931471805599453, maximum(x, y) + log1p(exp(-abs(x - y))))",
    ("sigmoid(x - y)", "sigmoid(y - x)"),
    (ANYTHING, ANYTHING),
    commutative=True,
)

sin = Gate("sin", "sin", "sin(x)", ("cos(x)",), (ANYTHING,))
cos = Gate("cos", "cos", "cos(x)", ("-sin(x)",), (ANYTHING,))
tan = Gate("tan", "tan", "tan(x)", ("1 + out * out",), (QUARTER_TURN,))
# (1 - x) * (1 + x), not 1 - x * x, which loses digits near one.
asin = Gate("asin", "asin", "asin(x)", ("1 / sqrt((1 - x) * (1 + x))",), (BELOW_ONE,))
acos = Gate("acos", "acos", "acos(x)", ("-1 / sqrt((1 - x) * (1 + x))",), (BELOW_ONE,))
atan = Gate("atan", "atan", "atan(x)", ("1 / (1 + x * x)",), (ANYTHING,))
# The angle of the point with height x and width y, as NumPy's arctan2 orders them. Dividing twice
# by the distance overflows nowhere that its square would.
atan2 = Gate(
    "atan2",
    "atan2",
    "atan2(x, y)",
    ("y / hypot(x, y) / hypot(x, y)", "-x / hypot(x, y) / hypot(x, y)"),
    (ANYTHING, POSITIVE),
)
sinh = Gate("sinh", "sinh", "sinh(x)", ("cosh(x)",), (ANYTHING,))
cosh = Gate("cosh", "cosh", "cosh(x)", ("sinh(x)",), (ANYTHING,))
# The square of 1 / cosh, not 1 - out * out, which loses all digits where out rounds to one. Through
# exp(-|2x|), because cosh overflows, and squaring would double its error.
_decay = "exp(-magnitude(2 * x))"
tanh = Gate(
    "tanh",
    "tanh",
    "tanh(x)",
    (f"4 * {_decay} / ((1 + {_decay}) * (1 + {_decay}))",),
    (ANYTHING,),
)
asinh = Gate("asinh", "asinh", "asinh(x)", ("1 / hypot(1, x)",), (ANYTHING,))
# Two roots: the product under one of them would overflow.
acosh = Gate("acosh", "acosh", "acosh(x)", ("1 / (sqrt(x - 1) * sqrt(x + 1))",), (ABOVE_ONE,))
atanh = Gate("atanh", "atanh", "atanh(x)", ("1 / ((1 - x) * (1 + x))",), (BELOW_ONE,))

# Through exp(-|x|), which never overflows, and is right to the last digits in both tails. The
# quotient is sigmoid(-|x|); on the right side it is taken from one.
_decay = "exp(-magnitude(x))"
sigmoid = Gate(
    "sigmoid",
    "σ",
    f"abs((x >= 0) - {_decay} / (1 + {_decay}))",
    (f"{_decay} / ((1 + {_decay}) * (1 + {_decay}))",),
    (ANYTHING,),
)
softplus = Gate(
    "softplus",
    "softplus",
    "where(x > 0, x, 0) + log1p(exp(-abs(x)))",
    ("sigmoid(x)",),
    (ANYTHING,),
)
log_sigmoid = Gate("log_sigmoid", "ln σ", "-softplus(-x)", ("sigmoid(-x)",), (ANYTHING,))
silu = Gate(
    "silu",
    "silu",
    "x * sigmoid(x)",
    ("sigmoid(x) + x * sigmoid(x) * sigmoid(-x)",),
    (ANYTHING,),
)
# The tanh form, Hendrycks & Gimpel, arXiv:1606.08415: 0.5 * (1 + tanh(u)) is sigmoid(2u), which
# keeps its digits on the left. The factors of the derivative stand so that a vanished sigmoid
# meets x before x * x * x can overflow.
_u = "1.5957691216057308 * (x + 0.044715 * x * x * x)"
_slope = f"(sigmoid({_u}) * sigmoid(-({_u})))"
gelu = Gate(
    "gelu",
    "gelu",
    f"x * sigmoid({_u})",
    (f"sigmoid({_u}) + 1.5957691216057308 * ({_slope} * x + 0.134145 * {_slope} * x * x * x)",),
    (ANYTHING,),
)
# relu'(0) = 0.
relu = Gate("relu", "relu", "maximum(x, 0)", ("where(x > 0, 1, 0)",), (ANYTHING,), kinks=("x",))
# At the kinks of leaky_relu and elu the derivative is that of the negative side. The other side of
# elu never meets exp, which would overflow there: in an array both branches are computed.
_left = "where(x > 0, 0, x)"
leaky_relu = Gate(
    "leaky_relu",
    "leaky relu",
    "where(x > 0, x, y * x)",
    ("where(x > 0, 1, y)", "where(x > 0, 0, x)"),
    (ANYTHING, ANYTHING),
    kinks=("x",),
    defaults=(0.01,),
)
elu = Gate(
    "elu",
    "elu",
    f"where(x > 0, x, y * expm1({_left}))",
    (f"where(x > 0, 1, y * exp({_left}))", f"where(x > 0, 0, expm1({_left}))"),
    (ANYTHING, ANYTHING),
    kinks=("x",),
    defaults=(1.0,),
)

# abs'(0) = 0.
abs = Gate("abs", "|x|", "abs(x)", ("sign(x)",), (ANYTHING,), kinks=("x",))
sign = Gate(
    "sign",
    "sign",
    "where(x > 0, 1, where(x < 0, -1, x))",
    ("0",),
    (ANYTHING,),
    kinks=("x",),
)
# The perceptron's activation: one above the threshold, zero on it and below.
step = Gate(
    "step", "step", "where(x > 0, 1, where(x <= 0, 0, x))", ("0",), (ANYTHING,), kinks=("x",)
)
# Zero at whole numbers.
_WHOLE = "sin(3.141592653589793 * x)"
floor = Gate("floor", "floor", "floor(x)", ("0",), (ANYTHING,), kinks=(_WHOLE,))
ceil = Gate("ceil", "ceil", "ceil(x)", ("0",), (ANYTHING,), kinks=(_WHOLE,))
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
# x between the bounds y and z; on a bound the gradient is x's.
clip = Gate(
    "clip",
    "clip",
    "minimum(maximum(x, y), z)",
    (
        "where(x < y, 0, where(x > z, 0, 1))",
        "where(x < y, where(y > z, 0, 1), 0)",
        "where(x > z, 1, where(y > z, 1, 0))",
    ),
    (ANYTHING, ANYTHING, ANYTHING),
    kinks=("x - y", "x - z", "y - z"),
)
# y where the condition x holds (is not zero), else z.
where = Gate(
    "where",
    "where",
    "where(x != 0, y, z)",
    ("0", "where(x != 0, 1, 0)", "where(x != 0, 0, 1)"),
    (ANYTHING, ANYTHING, ANYTHING),
    kinks=("x",),
)
# Comparisons give one or zero; of those with a nan, only that it is not equal holds. The branch of
# maximum is never taken: an array has the dtype of its operands from it.
_ZERO = "where(x < x, maximum(x, y), 0)"
less = Gate(
    "less", "<", f"where(x < y, 1, {_ZERO})", ("0", "0"), (ANYTHING, ANYTHING), kinks=("x - y",)
)
less_equal = Gate(
    "less_equal",
    "≤",
    f"where(x <= y, 1, {_ZERO})",
    ("0", "0"),
    (ANYTHING, ANYTHING),
    kinks=("x - y",),
)
equal = Gate(
    "equal",
    "=",
    f"where(x == y, 1, {_ZERO})",
    ("0", "0"),
    (ANYTHING, ANYTHING),
    kinks=("x - y",),
    commutative=True,
)
not_equal = Gate(
    "not_equal",
    "≠",
    f"where(x != y, 1, {_ZERO})",
    ("0", "0"),
    (ANYTHING, ANYTHING),
    kinks=("x - y",),
    commutative=True,
)
stop_gradient = Gate("stop_gradient", "stop", "x", ("0",), (ANYTHING,), flat=True)

del ABOVE_MINUS_ONE, ABOVE_ONE, ANYTHING, BELOW_ONE, POSITIVE, QUARTER_TURN, Gate
