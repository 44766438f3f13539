"""The names of Dive into Deep Learning's own classes, which differ in two places."""
import re


def to_d2l(state):
    """The state_dict for the book's own d2l.EncoderDecoder of the same model: its blocks are called
    block0, block1, ..., and its d2l.GRU has PyTorch's as a field of its own. The book knows GRUs,
    additive attention, ReLU and norms after the sums."""
    names = {name: re.sub(r"\brnn\.", "rnn.rnn.", re.sub(r"\bblks\.(\d)", r"blks.block\1", name))
             for name in state}
    return {names[name]: tensor for name, tensor in state.items()}
