"""Between a model and its file, both ways and strictly: every tensor has its place and its shape,
or nothing is changed and a ValueError says in one line what does not fit."""
import json
import os
import sys
import zlib

import torch
from safetensors import SafetensorError
from safetensors.torch import load as parse_safetensors
from safetensors.torch import save as to_safetensors

from . import models

WRAPPERS = ("module", "_orig_mod", "_fsdp_wrapped_module", "_checkpoint_wrapped_module")
TIED = {"none": [], "decoder": ["decoder.embedding.weight", "decoder.dense.weight"],
        "all": ["encoder.embedding.weight", "decoder.embedding.weight", "decoder.dense.weight"]}
CHECKSUM = b'"crc32":"'


def note(words):
    print(f"note: {words}", file=sys.stderr)


def listed(complaints, most=5):
    rest = f"; and {len(complaints) - most} more" if len(complaints) > most else ""
    return "; ".join(complaints[:most]) + rest


def bare(name):
    """encoder.blks.0 for module._orig_mod.encoder.blks.0, and wherever a wrapper's name stands."""
    parts = [part for part in name.split(".") if part not in WRAPPERS]
    sides = [i for i, part in enumerate(parts) if part in ("encoder", "decoder")]
    return ".".join(parts[sides[0]:] if sides else parts)


def renamed(state, what):
    """The state under our names; a note tells what came off."""
    names, told = {}, None
    for name in state:
        if bare(name) in names:
            raise ValueError(f"{what}: {names[bare(name)]} and {name} are one tensor under two "
                             "names")
        names[bare(name)] = name
        told = told or (name != bare(name) and name)
    if told:
        note(f"{what}: {told} is read as {bare(told)}, and others alike")
    return {name: state[old] for name, old in names.items()}


def checked(state, model, what):
    """The state under our names, whole: it fits the model."""
    state = renamed(state, what)
    tied = TIED[model.config.get("tie", "none")]
    there = [name for name in tied if name in state]
    for name in there[1:]:
        if not torch.equal(state[there[0]], state[name]):
            raise ValueError(f"{what}: {there[0]} and {name} differ, but are one table of this "
                             f"model, which is tied ({model.config['tie']})")
    if there:
        state.update((name, state[there[0]]) for name in tied)
    own, wrong = model.state_dict(), []
    for name, tensor in own.items():
        if name not in state:
            wrong.append(f"missing {name}")
        elif state[name].shape != tensor.shape:
            wrong.append(f"{name} is {tuple(state[name].shape)} there and {tuple(tensor.shape)} "
                         "in the model")
        elif state[name].dtype not in (torch.float32, torch.float64):
            wrong.append(f"{name} is {str(state[name].dtype)[6:]}, not float32 or float64; "
                         "model.float() makes it so")
    wrong += [f"unexpected {name}" for name in state if name not in own]
    if wrong:
        raise ValueError(f"{what}: does not fit the model: {listed(wrong)}")
    return state


def load_state(model, state, what="load_state"):
    """Fills a model of build() from a state_dict: of this model, of one in DistributedDataParallel,
    of a compiled one. A tied table may be there under one name or several."""
    model.load_state_dict(checked(state, model, what), strict=True)


def checksum_of(data, place):
    crc = zlib.crc32(b"00000000", zlib.crc32(data[:place]))
    return b"%08x" % zlib.crc32(data[place + 8:], crc)


def read_file(path, forgive=False):
    """(tensors, metadata) of a safetensors file; of a folder, of its model.safetensors. A checksum
    of ours must be right, unless another file is to say what this one is."""
    path = os.path.join(path, "model.safetensors") if os.path.isdir(path) else path
    try:
        with open(path, "rb") as file:
            data = file.read()
        tensors = parse_safetensors(data)
    except OSError as error:
        raise ValueError(f"{path}: cannot be read: {error.strerror}") from None
    except (SafetensorError, KeyError) as error:
        raise ValueError(f"{path}: is no safetensors file that PyTorch reads: {error}") from None
    length = int.from_bytes(data[:8], "little")
    metadata = json.loads(data[8:8 + length]).get("__metadata__", {})
    place = data.find(CHECKSUM, 0, 8 + length) + len(CHECKSUM)
    if "crc32" in metadata and not forgive and data[place:place + 8] != checksum_of(data, place):
        raise ValueError(f"{path}: its checksum does not match: the file is damaged, or another "
                         "program changed it; like=RUN reads it nevertheless")
    return tensors, metadata


def check_sizes(config, tensors, path):
    """Nothing of a configured size is allocated that the file cannot fill."""
    numbers, hidden = sum(tensor.numel() for tensor in tensors.values()), config["hidden"]
    other = config["ffn"] if config["model"] == "transformer" else config["embed"]
    if config["layers"] > len(tensors) or hidden * max(hidden, other) > numbers:
        raise ValueError(f"{path}: the configuration is larger than the weights")


def load(path, like=None):
    """The model of a file or folder, ready to translate. It has config, a dict, src_vocab and
    tgt_vocab, lists of words, and metadata, strings that save() writes again. Of a file that
    another program wrote these are those of the run `like`."""
    tensors, metadata = read_file(path, forgive=like is not None)
    if like is not None:
        metadata = read_file(like)[1]
    if "config" not in metadata:
        raise ValueError(f"{path}: has no configuration, so another program wrote it; like=RUN "
                         "says of which run it is")
    config = json.loads(metadata["config"])
    words = [json.loads(metadata[side]) for side in ("src_vocab", "tgt_vocab")]
    check_sizes(config, tensors, path)
    model = models.build(config, *map(len, words))
    state = checked(tensors, model, path)
    model.to(next(iter(state.values())).dtype).load_state_dict(state, strict=True)
    model.metadata = metadata
    model.src_vocab, model.tgt_vocab = words
    return model.eval()


def save(model, path):
    """Writes the model as a file that load() and babelgrad read: the same names, each tied table
    once, configuration and vocabularies, but no checksum, which is babelgrad's own. In a folder,
    its model.safetensors. The file is there whole, or as it was before."""
    inner = getattr(model, "module", model)     # in DistributedDataParallel
    inner = getattr(inner, "_orig_mod", inner)  # compiled
    state = checked({name: tensor.detach().cpu().contiguous()
                     for name, tensor in inner.state_dict().items()}, inner, "save")
    for name in TIED[inner.config.get("tie", "none")][1:]:
        del state[name]
    metadata = {key: value for key, value in inner.metadata.items() if key != "crc32"}
    path = os.path.join(path, "model.safetensors") if os.path.isdir(path) else path
    part = f"{path}.{os.getpid()}.part"
    try:
        with open(part, "wb") as file:
            file.write(to_safetensors(state, metadata))
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)
    except OSError as error:
        if os.path.exists(part):
            os.remove(part)
        raise ValueError(f"save: {path}: {error.strerror}") from None
