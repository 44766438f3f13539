"""The figures of tensor, autograd and nn, each a function of what Facts answers: what the program's
commands and the chapters print (which make chapters holds to the program), and constants of the
sources."""
import itertools

from draw import WIDTH, Picture, two


# --- tensor

def strided_view(facts):
    """One storage, three views of it: where an element of each lies."""
    (rows, columns), strides = facts.shape_and_strides("print(x);")
    other_shape, other = facts.shape_and_strides("raw::transpose(x)")
    back, offset = (int(facts.said("tensor/README.md", "raw::flip", place)) for place in (-3, -1))
    pic = Picture("One storage, three views",
                  f"Six numbers in a row of memory. x, of shape ({rows}, {columns}), reads them "
                  f"with strides {strides}; its transpose with strides {other}; its flip from "
                  f"offset {offset} with a stride of {back}. Each view marks the element that is "
                  "number 3 of the storage.", 396)
    pic.text(20, 30, "storage", "ink strong")
    for i in range(rows * columns):
        x = 120 + 70 * i
        pic.cell(x, 46, 66, 38, "ab"[i // columns], .5)
        pic.middle(x + 33, 65, i + 1, "ink code")
        pic.middle(x + 33, 98, i, "quiet code")
    pic.text(20, 103, "number", "quiet")
    pic.line([(120 + 70 * 3, 44), (120 + 70 * 3 + 66, 44), (120 + 70 * 3 + 66, 86),
              (120 + 70 * 3, 86), (120 + 70 * 3, 43)], "ink thick")

    views = (("x", (rows, columns), strides, 0, (1, 0)),
             ("transpose(x)", other_shape, other, 0, (0, 1)),
             ("flip(x, 1)", (rows, columns), (strides[0], back), offset, (1, 2)))
    for (name, shape, steps, start, at), left in zip(views, (20, 206, 392)):
        numbers = [[start + i * steps[0] + j * steps[1] for j in range(shape[1])]
                   for i in range(shape[0])]
        pic.text(left, 150, name, "ink code")
        pic.text(left, 174, f"({shape[0]}, {shape[1]})", "quiet code")
        pic.text(left, 194, f"strides {steps[0]}, {steps[1]}".replace("-", "−"), "quiet code")
        pic.text(left, 214, f"offset {start}", "quiet code")
        pic.grid(left, 230, (48, 38), [[n + 1 for n in row] for row in numbers],
                 [[.5] * shape[1]] * shape[0], [["ab"[n // columns] for n in row]
                                               for row in numbers])
        x, y = left + 48 * at[1] - 1, 229 + 38 * at[0]
        pic.line([(x, y), (x + 48, y), (x + 48, y + 38), (x, y + 38), (x, y - 1)], "ink thick")
        found = start + at[0] * steps[0] + at[1] * steps[1]
        pic.text(left, 366, f"[{at[0]}, {at[1]}]: number", "ink")
        pic.text(left, 384, f"{start} + {at[0]}·{steps[0]} + {at[1]}·{steps[1]} = {found}"
                 .replace("·-", "·−"), "ink code")
    return pic


def tile_and_panel(facts):
    """Where the multiply-adds of one call of the innermost function are."""
    rows = facts.constant("tensor/gemm_tile.h", "tile_rows = vector_registers == 32 ? 14 : ")
    vectors = facts.constant("tensor/gemm_tile.h", "panel_width = ")
    depth = facts.constant("tensor/gemm.cpp", "block_k = ")
    block = facts.constant("tensor/gemm.cpp", "block_rows = ")
    pic = Picture("A tile of C, a panel of B",
                  f"C = A B. A tile of C, {rows} rows of {vectors} vectors, stays in registers, "
                  f"while p runs down a panel of B, {vectors} vectors wide and {depth} deep, and "
                  f"along {rows} rows of A. For each p, {vectors} vectors of B and {rows} numbers "
                  f"of A are read for {rows * vectors} multiply-adds. The panel was copied into "
                  "the order in which it is read.", 470)
    size = 15
    left, top = (30, 220), (250, 40)              # of A, of B; C is where they meet
    pic.text(left[0], 206, "A", "ink strong")
    pic.text(top[0] - 22, 56, "B", "ink strong")
    pic.text(250 + 12 * size + 8, 236, "C", "ink strong")
    for at, columns, lines in ((left, 12, 12), (top, 12, 10), ((250, 220), 12, 12)):
        pic.add("rect", "box hollow quiet", x=at[0], y=at[1], width=columns * size,
                height=lines * size)
    pic.cell(left[0], left[1] + 3 * size, 12 * size, rows * size, "b", .35)
    pic.cell(top[0] + 4 * size, top[1], 4 * size, 10 * size, "a", .35)
    pic.cell(250 + 4 * size, 220 + 3 * size, 4 * size, rows * size, "c", .5)
    pic.cell(left[0] + 5 * size, left[1] + 3 * size, size, rows * size, "b", 1)
    pic.cell(top[0] + 4 * size, top[1] + 5 * size, 4 * size, size, "a", 1)
    for i in range(1, rows):
        y = 220 + (3 + i) * size
        pic.line([(250 + 4 * size, y), (250 + 8 * size, y)], "paper")
    pic.line([(250 + 6 * size, 220 + 3 * size), (250 + 6 * size, 220 + (3 + rows) * size)], "paper")
    pic.arrow([(left[0] + 10, 208 + 3 * size), (left[0] + 90, 208 + 3 * size)])
    pic.middle(left[0] + 102, 208 + 3 * size, "p", "ink code")
    pic.arrow([(top[0] + 8 * size + 14, top[1] + 8), (top[0] + 8 * size + 14, top[1] + 80)])
    pic.middle(top[0] + 8 * size + 14, top[1] + 92, "p", "ink code")
    x = 446
    for y, words in ((60, ("a panel:", f"{vectors} vectors", "wide,", f"{depth} deep")),
                     (270, ("the tile:", f"{rows} rows of", f"{vectors} vectors,",
                            "in registers"))):
        for i, line in enumerate(words):
            pic.text(x, y + 18 * i, line, "ink" if i else "ink strong")
    pic.text(30, 40, "for each p:", "ink strong")
    pic.text(30, 60, f"{vectors} vectors of B,", "ink")
    pic.text(30, 78, f"{rows} numbers of A,", "ink")
    pic.text(30, 96, f"{rows * vectors} multiply-adds", "ink")
    pic.text(30, 130, f"A block of A has {block} rows.", "quiet")
    pic.text(20, 430, "memory", "quiet")
    for p in range(4):
        for v in range(vectors):
            pic.cell(84 + 112 * p + 54 * v, 414, 52, 24, "a", .35 + .3 * (p == 2))
        pic.middle(84 + 112 * p + 53, 452, f"p = {p}", "quiet code")
    pic.text(534, 430, "…", "quiet")
    return pic


def packed_batch(facts):
    """A batch with padding; the same packed; who sees whom in it."""
    lens, ids = facts.lists("tensor/README.md", "Ints ids({2, 3}")[:2]
    places, owner = facts.lists("tensor/README.md", "Ints ids({2, 3}")[2:4]
    starts = [owner.index(s) for s in range(len(lens))]
    pic = Picture("A packed batch is one long sentence",
                  f"Two sentences of lengths {lens}. With padding they are a rectangle, of which a "
                  "part is empty. Packed they stand end to end as one sentence, with each word's "
                  "place in its own sentence beside it; and each word sees only the words of its "
                  "own sentence, so that the table of who sees whom is made of blocks.", 450)
    pic.text(20, 32, "with padding", "ink strong")
    width = max(lens)
    for s, length in enumerate(lens):
        for t in range(width):
            x, y = 20 + 44 * t, 46 + 42 * s
            if t < length:
                pic.cell(x, y, 40, 38, "ab"[s], .5)
                pic.middle(x + 20, y + 19, ids[starts[s] + t], "ink code")
            else:
                pic.add("rect", "box hollow dashed quiet", x=x + 1, y=y + 1, width=38, height=36)
                pic.middle(x + 20, y + 19, 0, "quiet code")
    pic.text(264, 32, "packed", "ink strong")
    for row, (words, values) in enumerate((("ids", ids), ("place", places), ("sentence", owner))):
        pic.text(264, 70 + 36 * row, words, "quiet")
        for i, value in enumerate(values):
            if row == 0:
                pic.cell(338 + 42 * i, 46, 38, 38, "ab"[owner[i]], .5)
            pic.middle(338 + 42 * i + 19, 65 + 36 * row, value, "ink code" if row == 0
                       else "quiet code")
    pic.text(20, 184, "who sees whom, in the encoder and in the decoder (causal)", "ink strong")
    for left, name, causal in ((76, "encoder", False), (336, "decoder", True)):
        for i, j in itertools.product(range(len(ids)), repeat=2):
            x, y = left + 38 * j, 234 + 38 * i
            if owner[i] == owner[j] and (j <= i or not causal):
                pic.cell(x, y, 36, 36, "ab"[owner[i]], .5)
            else:
                pic.add("rect", "box hollow rule", x=x + 1, y=y + 1, width=34, height=34)
        for i, word in enumerate(ids):
            pic.middle(left + 38 * i + 18, 220, word, "ink code")
            pic.middle(left - 18, 234 + 38 * i + 18, word, "ink code")
        pic.middle(left + 94, 436, name, "quiet")
    return pic


# --- autograd, nn

def graph(facts):
    """An expression as backward() sees it. Graphviz says where things stand."""
    dot = facts.dot()
    nodes, edges, height = facts.laid_out(dot, WIDTH - 16)
    pic = Picture("The graph of square(tanh(w x + b)) for x = 2",
                  "Leaves w and b lead through * 2, + and tanh to the square. Each node has its "
                  "value, computed from left to right, and below it its gradient, computed from "
                  "right to left.", round(height) + 64, notes=dot)
    for tail, head in edges:
        pic.arrow([(tail[0] + tail[2] / 2 + 8, tail[1] + 12),
                   (head[0] - head[2] / 2 + 8, head[1] + 12)])
    for x, y, width, high, (name, value, grad) in nodes:
        pic.box(x - width / 2 + 8, y - high / 2 + 12, width, high,
                kind="b" if name in "wb" else "a")
        for i, (words, kind) in enumerate(((name, "ink strong"), (two(value), "ink code"),
                                           (two(grad), "b code"))):
            pic.middle(x + 8, y + 12 + 19 * (i - 1), words, kind)
    pic.text(16, height + 48, "value, from left to right", "ink")
    pic.text(244, height + 48, "gradient, from right to left", "b")
    return pic


def gru_cell(facts):
    """One step of nn's GRU, with the numbers of the chapter."""
    r, z, n, new = (facts.equation("nn/README.md", name)
                    for name in ("r  =", "z  =", "n  =", "h' ="))
    x, h = (facts.constant("nn/README.md", start) for start in ("  x = ", ", h = "))
    pic = Picture("A GRU cell",
                  f"The state h = {two(h)} and the input x = {two(x)} feed three units. The reset "
                  f"gate r = {two(r)} scales what the candidate n = {two(n)} takes from the state. "
                  f"The update gate z = {two(z)} mixes the two: h' = (1 - z) n + z h = {two(new)}.",
                  330)

    def unit(x, y, name, number, kind):
        pic.box(x - 36, y - 24, 72, 48, (name, two(number)), kind)

    pic.line([(76, 50), (382, 50)], "a thick")                   # the state
    pic.arrow([(382, 50), (394, 50)], "a thick")
    pic.arrow([(418, 50), (444, 50)], "a thick")
    pic.arrow([(468, 50), (484, 50)], "a thick")
    pic.line([(76, 280), (352, 280)], "b")                       # the input
    for at, top in ((128, 214), (276, 214), (352, 146)):
        pic.arrow([(at, 280), (at, top)], "b")
    pic.arrow([(128, 50), (128, 166)], "a")
    pic.arrow([(204, 50), (204, 178)], "a")
    pic.arrow([(352, 50), (352, 98)], "a")
    pic.arrow([(164, 190), (192, 190)], "c")                     # r
    pic.arrow([(216, 190), (240, 190)], "a")
    pic.arrow([(312, 190), (424, 190)], "quiet")                 # n
    pic.arrow([(388, 122), (406, 122), (406, 62)], "c")          # z
    pic.arrow([(406, 122), (436, 122), (436, 178)], "c")
    pic.text(430, 160, "1 − z", "quiet end")
    pic.text(412, 100, "z", "quiet")
    pic.arrow([(448, 190), (456, 190), (456, 62)], "quiet")
    pic.box(8, 26, 68, 48, ("h", two(h)), "a")
    pic.box(8, 256, 68, 48, ("x", two(x)), "b")
    pic.box(484, 26, 68, 48, ("h'", two(new)), "a")
    unit(128, 190, "r = σ", r, "c")
    unit(276, 190, "n = tanh", n, "quiet")
    unit(352, 122, "z = σ", z, "c")
    for at in ((204, 190), (406, 50), (436, 190)):
        pic.circle(*at, "×")
    pic.circle(456, 50, "+")
    pic.text(128, 312, "Each unit has weights of its own for x and for h.", "quiet")
    return pic


FIGURES = {"tensor/figures/strided-view.svg": strided_view,
           "tensor/figures/tile-and-panel.svg": tile_and_panel,
           "autograd/figures/graph.svg": graph,
           "nn/figures/gru-cell.svg": gru_cell,
           "models/figures/packed-batch.svg": packed_batch}
