"""babelgrad's models in PyTorch: load a run, use it or train it further, save it back.

  model = babelgrad.load("run/")
  babelgrad.translate(model, ["the dog sleeps .".split()])
  babelgrad.save(model, "further/model.safetensors")

Needs torch and safetensors, nothing else.
"""
from .book import to_d2l
from .models import build
from .pairs import read_ids
from .search import join_pieces, search, translate
from .weights import load, load_state, save

__all__ = ["build", "join_pieces", "load", "load_state", "read_ids", "save", "search", "to_d2l",
           "translate"]
