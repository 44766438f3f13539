"""Our files through the Rust loader of safetensors, and its files through ours."""
import json
import struct

import numpy
from safetensors import safe_open

SMALL = ["--model", "attention", "--pairs", 2000, "--max-length", 8, "--epochs", 1, "--embed", 16,
         "--hidden", 16, "--layers", 1, "--seed", 1]


def by_hand(path):
    """The tensors and the metadata of a file, by the format's definition alone."""
    with open(path, "rb") as file:
        length, = struct.unpack("<Q", file.read(8))
        header, data = json.loads(file.read(length)), file.read()
    metadata = header.pop("__metadata__")
    tensors = {name: numpy.frombuffer(data[slice(*entry["data_offsets"])], "<f4")
               .reshape(entry["shape"]) for name, entry in header.items()}
    return tensors, metadata


def safetensors(door):
    for name, options in [("words", SMALL), ("pieces", [*SMALL, "--merges", 100])]:
        path = door.model("small-" + name, *options) + "/model.safetensors"
        tensors, metadata = by_hand(path)
        with safe_open(path, "numpy") as file:
            same = {key: numpy.array_equal(file.get_tensor(key), tensors.get(key))
                    for key in file.keys()}
            door.check(f"the Rust loader reads a model of {name}",
                       set(same) == set(tensors) and all(same.values()), f"{len(same)} tensors")
            door.check(f"and its metadata ({name})", file.metadata() == metadata,
                       " ".join(metadata))
