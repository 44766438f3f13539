"""The tensors of ids that `babelgrad ids` writes, and batches of them."""
import torch
from torch.nn.utils.rnn import pad_sequence

from .weights import read_file


class Pairs:
    """Pairs of sentences as ids, each ending with <eos>, unless it was cut."""
    def __init__(self, tensors, metadata):
        self.src = tensors["src"].long().split(tensors["src_lens"].tolist())
        self.tgt = tensors["tgt"].long().split(tensors["tgt_lens"].tolist())
        self.src_pad, self.tgt_pad = int(metadata["src_pad"]), int(metadata["tgt_pad"])
        self.bos = int(metadata["tgt_bos"])

    def __len__(self):
        return len(self.src)

    def batch(self, rows):
        """(src, src_lens, tgt, labels) of these pairs: tgt is <bos> a b, labels a b <eos>."""
        src, labels = [self.src[i] for i in rows], [self.tgt[i] for i in rows]
        tgt = [torch.cat((torch.tensor([self.bos]), ids[:-1])) for ids in labels]
        return (pad_sequence(src, True, self.src_pad), torch.tensor([len(ids) for ids in src]),
                pad_sequence(tgt, True, self.tgt_pad), pad_sequence(labels, True, self.tgt_pad))

    def shuffled(self, tokens, generator):
        """Batches, lists of rows, of like lengths and at most so many padded tokens a side; each
        pair once, in another order with each call of the same generator."""
        length = [max(len(src), len(tgt)) for src, tgt in zip(self.src, self.tgt)]
        order = torch.randperm(len(self), generator=generator).tolist()
        batches, pool = [], 4096
        for begin in range(0, len(order), pool):
            rows = []
            for row in sorted(order[begin:begin + pool], key=length.__getitem__):
                if rows and length[row] * (len(rows) + 1) > tokens:
                    batches.append(rows)
                    rows = []
                rows.append(row)
            batches.append(rows)
        return [batches[i] for i in torch.randperm(len(batches), generator=generator).tolist()]


def read_ids(path):
    tensors, metadata = read_file(path)
    if not {"src", "tgt", "src_lens", "tgt_lens"} <= set(tensors):
        raise ValueError(f"{path}: has no ids; `babelgrad ids` writes files that have them")
    return Pairs(tensors, metadata)
