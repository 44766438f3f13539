"""The cases of ops.safetensors (golden.py says what is recorded of each)."""
import torch
import torch.nn.functional as F

UNARY = dict(exp=torch.exp, tanh=torch.tanh, sigmoid=torch.sigmoid, relu=F.relu, neg=torch.neg,
             abs=torch.abs, square=torch.square, sin=torch.sin, cos=torch.cos, erf=torch.erf,
             expm1=torch.expm1, softplus=F.softplus, silu=F.silu, elu=F.elu,
             log_sigmoid=F.logsigmoid, gelu_erf=F.gelu,
             gelu_tanh=lambda x: F.gelu(x, approximate="tanh"))
UNARY_POSITIVE = dict(log=torch.log, sqrt=torch.sqrt, rsqrt=torch.rsqrt,
                      reciprocal=torch.reciprocal, log1p=torch.log1p)
BINARY = dict(add=lambda a, b: a + b, sub=lambda a, b: a - b, mul=lambda a, b: a * b,
              div=lambda a, b: a / b, maximum=torch.maximum, minimum=torch.minimum)
normal = torch.randn


def positive(*shape):
    return torch.rand(*shape) * 2 + 0.2


def elementwise(op):
    for name, f in UNARY.items():
        op(name, f, normal(3, 4))
    op("leaky_relu", lambda x: F.leaky_relu(x, 0.1), normal(3, 4), slope=0.1)
    for name, f in UNARY_POSITIVE.items():
        op(name, f, positive(3, 4))
    extreme = torch.tensor([[-800.0, -50.0, -1e-9, 0.0], [1e-9, 30.0, 50.0, 700.0]])
    for name in ("tanh", "sigmoid", "softplus", "log_sigmoid", "gelu_erf", "gelu_tanh", "silu"):
        op(name + ".extreme", UNARY[name], extreme.clone())
    op("pow_scalar", lambda x: x ** 3, normal(3, 4), exponent=3)
    op("pow_half", lambda x: x ** 0.5, positive(3, 4), exponent=0.5)
    op("clamp", lambda x: x.clamp(-0.5, 0.7), normal(3, 4), lo=-0.5, hi=0.7)
    for name, f in BINARY.items():
        right = positive if name == "div" else normal
        op(name + ".same", f, normal(3, 4), right(3, 4))
        op(name + ".row", f, normal(3, 4), right(4))
        op(name + ".col", f, normal(3, 4), right(3, 1))
        op(name + ".outer", f, normal(3, 1), right(1, 4))
        op(name + ".rank3", f, normal(2, 1, 4), right(3, 1))
        op(name + ".scalar_tensor", f, normal(3, 4),
           torch.tensor(1.7) if name == "div" else right(()))
        op(name + ".left_small", f, normal(4), right(2, 3, 4))
    op("pow.same", torch.pow, positive(3, 4), normal(3, 4))
    op("pow.outer", torch.pow, positive(3, 1), normal(1, 4))
    op("add_scalar", lambda x: x + 2.5, normal(3, 4), value=2.5)
    op("rsub_scalar", lambda x: 1.0 - x, normal(3, 4), value=1.0)
    op("rdiv_scalar", lambda x: 2.0 / x, positive(3, 4), value=2.0)


def reductions(op):
    for d in (0, 1, 2, -1):
        for name, f in (("softmax", F.softmax), ("log_softmax", F.log_softmax),
                        ("logsumexp", torch.logsumexp)):
            op(f"{name}.dim{d}", lambda x: f(x, dim=d), normal(2, 3, 4) * 2, dim=d)
    op("softmax.large", lambda x: F.softmax(x, -1), normal(3, 5) * 500, dim=-1)
    op("log_softmax.large", lambda x: F.log_softmax(x, -1), normal(3, 5) * 500, dim=-1)
    op("logsumexp.large", lambda x: torch.logsumexp(x, -1), normal(3, 5) * 500, dim=-1)
    op("log_softmax.single", lambda x: F.log_softmax(x, -1), normal(3, 1), dim=-1)
    for name, f in dict(sum=torch.sum, mean=torch.mean).items():
        op(name + ".all", lambda x: f(x), normal(2, 3, 4))
        for d in (0, 1, 2, (0, 2), (1, 2), (0, 1)):
            tag = "_".join(map(str, d)) if isinstance(d, tuple) else d
            for keep in (False, True):
                op(f"{name}.dim{tag}{'.keep' if keep else ''}", lambda x: f(x, d, keepdim=keep),
                   normal(2, 3, 4), dim=d, keepdim=keep)
    for d in (0, 1, 2):
        op(f"max.dim{d}", lambda x: x.max(d).values, normal(2, 3, 4), dim=d)
        op(f"min.dim{d}", lambda x: x.min(d).values, normal(2, 3, 4), dim=d)
        op(f"argmax.dim{d}", lambda x: x.argmax(d), normal(2, 3, 4), dim=d)
        op(f"cumsum.dim{d}", lambda x: x.cumsum(d), normal(2, 3, 4), dim=d)
        for unbiased in (False, True):
            op(f"var.dim{d}{'.unbiased' if unbiased else ''}",
               lambda x: x.var(d, unbiased=unbiased), normal(2, 3, 4), dim=d, unbiased=unbiased)
    op("std.dim2.unbiased", lambda x: x.std(2), normal(2, 3, 4), dim=2, unbiased=True)
    op("var.dim0_2", lambda x: x.var((0, 2), unbiased=False), normal(2, 3, 4),
       dim=[0, 2], unbiased=False)
    op("max.all", lambda x: x.max(), normal(3, 4))
    op("norm2", lambda x: x.norm(), normal(3, 4))


def products(op):
    for tag, a, b in (("2d", (3, 4), (4, 5)), ("vec_vec", (4,), (4,)), ("mat_vec", (3, 4), (4,)),
                      ("vec_mat", (3,), (3, 4)), ("batched", (2, 3, 4), (2, 4, 5)),
                      ("batch_x_mat", (2, 3, 4), (4, 5)), ("mat_x_batch", (3, 4), (2, 4, 5)),
                      ("broadcast", (2, 1, 3, 4), (5, 4, 2))):
        op("matmul." + tag, torch.matmul, normal(*a), normal(*b))
    op("matmul.nt", lambda a, b: a @ b.T, normal(3, 4), normal(5, 4), rule="a b^T")
    op("matmul.tn", lambda a, b: a.T @ b, normal(4, 3), normal(4, 5), rule="a^T b")
    op("matmul.tt", lambda a, b: a.T @ b.T, normal(4, 3), normal(5, 4), rule="a^T b^T")
    op("matmul.wide", torch.matmul, normal(33, 70), normal(70, 19))
    op("bmm.nt", lambda a, b: torch.bmm(a, b.transpose(1, 2)), normal(3, 2, 4), normal(3, 5, 4),
       rule="a b^T per item")


def views(op):
    op("transpose.2d", lambda x: x.t(), normal(3, 4))
    op("transpose.0_2", lambda x: x.transpose(0, 2), normal(2, 3, 4), dims=[0, 2])
    op("permute.2_0_1", lambda x: x.permute(2, 0, 1), normal(2, 3, 4), dims=[2, 0, 1])
    op("permute.0_2_1_3", lambda x: x.permute(0, 2, 1, 3), normal(2, 3, 4, 2), dims=[0, 2, 1, 3])
    op("reshape", lambda x: x.reshape(4, -1), normal(2, 3, 4), shape=[4, 6])
    op("transpose_reshape", lambda x: x.transpose(1, 2).reshape(2, 12), normal(2, 3, 4))
    op("slice.row", lambda x: x[1], normal(3, 4), index="x[1]")
    op("slice.last", lambda x: x[-1], normal(3, 4), index="x[-1]")
    op("slice.range", lambda x: x[1:3, :2], normal(4, 5), index="x[1:3, :2]")
    op("slice.step", lambda x: x[::2, 1::2], normal(5, 6), index="x[::2, 1::2]")
    op("slice.mid_axis", lambda x: x[:, 1], normal(2, 3, 4), index="x[:, 1]")
    op("slice.ellipsis", lambda x: x[..., -1:], normal(2, 3, 4), index="x[..., -1:]")
    op("flip", lambda x: x.flip(0), normal(3, 4), dim=0)
    for d in (0, 1, 2, -1):
        other = [2, 3, 4]
        other[d] = 5
        op(f"cat.dim{d}", lambda a, b: torch.cat((a, b), d), normal(2, 3, 4), normal(*other), dim=d)
    op("cat.three", lambda a, b, c: torch.cat((a, b, c), 1),
       normal(2, 1), normal(2, 3), normal(2, 2), dim=1)
    op("stack.dim1", lambda a, b: torch.stack((a, b), 1), normal(2, 3), normal(2, 3), dim=1)
    op("chunk3.second", lambda x: x.chunk(3, 1)[1], normal(2, 6), dim=1, chunks=3, take=1)
    op("expand", lambda x: x.expand(3, 2, 4), normal(2, 1), shape=[3, 2, 4])
    op("repeat", lambda x: x.repeat(2, 3), normal(2, 2), times=[2, 3])
    op("repeat_interleave", lambda x: x.repeat_interleave(2, 0), normal(2, 3), times=2, dim=0)
    op("unsqueeze_squeeze", lambda x: x.unsqueeze(1).squeeze(2), normal(2, 1, 3))
    op("pad", lambda x: F.pad(x, (1, 2)), normal(2, 3), left=1, right=2)


def lookups(op):
    op("index_select", lambda x, i: x.index_select(0, i), normal(4, 3),
       torch.tensor([2, 0, 2, 2]), dim=0)
    op("gather", lambda x, i: x.gather(1, i), normal(3, 4),
       torch.tensor([[0, 0], [3, 1], [2, 2]]), dim=1)
    op("embedding", lambda w, i: F.embedding(i, w), normal(5, 3),
       torch.tensor([[0, 4, 4], [2, 0, 4]]))
    mask = torch.tensor([[1, 0, 1, 1], [0, 0, 1, 0], [1, 1, 0, 0]])
    choose = lambda c, a, b: torch.where(c.bool(), a, b)
    op("where.same", choose, mask, normal(3, 4), normal(3, 4))
    op("where.broadcast", choose, mask, normal(4), normal(3, 1))
    op("masked_fill", lambda x, c: x.masked_fill(c.bool(), -1e6), normal(3, 4), mask, value=-1e6)
    op("masked_fill.broadcast", lambda x, c: x.masked_fill(c[:1].bool(), -1e6),
       normal(2, 3, 4), mask, value=-1e6, rule="mask is the first row of the second input")
    op("tril", torch.tril, normal(4, 4))
    op("triu1", lambda x: torch.triu(x, 1), normal(4, 4), diagonal=1)
    op("addmm", torch.addmm, normal(5), normal(3, 4), normal(4, 5), rule="b + x w")
    op("one_hot", lambda i: F.one_hot(i, 4), torch.tensor([2, 0, 3]), classes=4)
    op("reuse", lambda x: x * torch.tanh(x) + x.sum(1, keepdim=True) * x, normal(3, 4),
       rule="x*tanh(x) + sum(x,1,keep)*x")
    op("diamond", lambda x: (torch.exp(x) @ torch.exp(x).t()).sum(0), normal(3, 4),
       rule="sum_0(exp(x) exp(x)^T)")
    op("empty_axis_sum", lambda x: x.sum(1), torch.zeros(3, 0), dim=1)


def op_group(g):
    def op(name, f, *inputs, **attrs):
        g.run("op." + name, lambda **kw: f(*kw.values()),
              {str(i): x for i, x in enumerate(inputs)}, attrs=attrs)

    for cases in (elementwise, reductions, products, views, lookups):
        cases(op)
    return g
