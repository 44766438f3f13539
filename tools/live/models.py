"""Models as the page carries them: whole numbers of one byte or two, with a scale for each row.

A row's scale is its largest size over the largest level, so a row of zeros has scale 0 and stays
zeros. Tables of two axes are stored so; the rest, biases and norms, is little and stays."""
import array
import json
import struct
import zlib


def read(path):
    """(metadata, {name: (shape, numbers)}) of a safetensors file of floats."""
    with open(path, "rb") as file:
        length, = struct.unpack("<Q", file.read(8))
        header, body = json.loads(file.read(length)), file.read()
    metadata = header.pop("__metadata__")
    tensors = {}
    for name, told in header.items():
        if told["dtype"] != "F32":
            raise SystemExit(f"{path}: {name} is {told['dtype']}; the page takes F32, REAL=float")
        begin, end = told["data_offsets"]
        tensors[name] = told["shape"], array.array("f", body[begin:end])
    return metadata, tensors


def write(path, metadata, tensors):
    """The same, as the program writes it: with a CRC-32 of the whole, zeros in its own place."""
    header, offset = {"__metadata__": {**metadata, "crc32": "00000000"}}, 0
    for name, (shape, numbers) in tensors.items():
        end = offset + 4 * len(numbers)
        header[name] = {"dtype": "F32", "shape": shape, "data_offsets": [offset, end]}
        offset = end
    text = json.dumps(header, separators=(",", ":"), ensure_ascii=False).encode()
    text += b" " * (-len(text) % 8)
    whole = struct.pack("<Q", len(text)) + text
    whole += b"".join(numbers.tobytes() for _, numbers in tensors.values())
    place = b'"crc32":"'
    whole = whole.replace(place + b"00000000", place + b"%08x" % zlib.crc32(whole), 1)
    with open(path, "wb") as file:
        file.write(whole)


def rows_of(shape):
    return shape[0] if len(shape) == 2 else 0


def float_of(number):
    return struct.unpack("<f", struct.pack("<f", number))[0]


def row_as_levels(numbers, most):
    """(scale, whole numbers from -most to most)"""
    scale = float_of(max(abs(number) for number in numbers) / most)
    if scale == 0:
        return 0.0, [0] * len(numbers)
    return scale, [max(-most, min(most, round(number / scale))) for number in numbers]


def packed(metadata, tensors, most):
    """(bytes for unpacked() of packed.cpp, the tensors that come out of it again)"""
    width = 1 if most < 128 else 2
    told, body, again = [], [], {}
    for name, (shape, numbers) in tensors.items():
        rows = rows_of(shape)
        told.append({"name": name, "shape": shape, "rows": rows, "width": width})
        if not rows:
            body.append(numbers.tobytes())
            again[name] = shape, numbers
            continue
        columns, back, scales, levels = len(numbers) // rows, array.array("f"), [], []
        for row in range(rows):
            scale, some = row_as_levels(numbers[row * columns:(row + 1) * columns], most)
            scales.append(scale)
            levels += some
            back.extend(scale * level for level in some)
        body.append(array.array("f", scales).tobytes())
        body.append(bytes(level & 255 for level in levels))
        if width == 2:
            body.append(bytes(level >> 8 & 255 for level in levels))
        again[name] = shape, back
    header = json.dumps({"metadata": metadata, "tensors": told}, separators=(",", ":"),
                        ensure_ascii=False).encode()
    return struct.pack("<I", len(header)) + header + b"".join(body), again
