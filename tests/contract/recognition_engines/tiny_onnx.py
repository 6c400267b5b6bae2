"""Networks that are laid out like published ones and always say «да»."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from onnx import GraphProto, TensorProto, helper, numpy_helper, save

_VOCABULARY = ("д", "а", "<blk>")
_SAYING = (0, 1)
_BLANK = 2
_FRAMES = 500
_SURE = -0.1
_UNLIKELY = -9.0

CHUNK = 2400
"""Samples that the T-one network takes at once: 300 ms of 8 kHz."""


def _table(frames: int) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    table = np.full((1, frames, len(_VOCABULARY)), _UNLIKELY, np.float32)
    table[0, :, _BLANK] = _SURE
    for frame, token in enumerate(_SAYING):
        table[0, frame] = _UNLIKELY
        table[0, frame, token] = _SURE
    return table


def gigaam_ctc(folder: Path, suffix: str = "") -> None:
    """GigaAM's CTC layout: one frame out for four in."""
    initial = [
        numpy_helper.from_array(_table(_FRAMES), "table"),
        numpy_helper.from_array(np.array([0], np.int64), "begin"),
        numpy_helper.from_array(np.array([1], np.int64), "axis"),
        numpy_helper.from_array(np.array([3], np.int64), "three"),
        numpy_helper.from_array(np.array([4], np.int64), "four"),
    ]
    nodes = [
        helper.make_node("Shape", ["features"], ["length"], start=2, end=3),
        helper.make_node("Add", ["length", "three"], ["rounded"]),
        helper.make_node("Div", ["rounded", "four"], ["frames"]),
        helper.make_node("Slice", ["table", "begin", "frames", "axis"], ["log_probs"]),
        helper.make_node("Identity", ["feature_lengths"], ["unused"]),
    ]
    inputs = [
        helper.make_tensor_value_info("features", TensorProto.FLOAT, ["batch", 64, "time"]),
        helper.make_tensor_value_info("feature_lengths", TensorProto.INT64, ["batch"]),
    ]
    outputs = [
        helper.make_tensor_value_info("log_probs", TensorProto.FLOAT, ["batch", "frames", len(_VOCABULARY)]),
        helper.make_tensor_value_info("unused", TensorProto.INT64, ["batch"]),
    ]
    graph = helper.make_graph(nodes, "ctc", inputs, outputs, initial)
    _save(graph, folder / f"v3_ctc{suffix}.onnx")
    (folder / "v3_vocab.txt").write_text(
        "".join(f"{token} {number}\n" for number, token in enumerate(_VOCABULARY)), encoding="utf-8"
    )


def t_one(folder: Path) -> None:
    """T-one's layout: each chunk of 8 kHz sound says «да»."""
    initial = [numpy_helper.from_array(_table(4), "table")]
    nodes = [
        helper.make_node("Identity", ["table"], ["logprobs"]),
        helper.make_node("Identity", ["state"], ["state_next"]),
        helper.make_node("Identity", ["signal"], ["unused"]),
    ]
    inputs = [
        helper.make_tensor_value_info("signal", TensorProto.INT32, [1, CHUNK, 1]),
        helper.make_tensor_value_info("state", TensorProto.FLOAT16, [1, 8]),
    ]
    outputs = [
        helper.make_tensor_value_info("logprobs", TensorProto.FLOAT, [1, 4, len(_VOCABULARY)]),
        helper.make_tensor_value_info("state_next", TensorProto.FLOAT16, [1, 8]),
        helper.make_tensor_value_info("unused", TensorProto.INT32, [1, CHUNK, 1]),
    ]
    _save(helper.make_graph(nodes, "t-one", inputs, outputs, initial), folder / "model.onnx")
    config = {
        "decoder_params": {"vocabulary": list(_VOCABULARY[:_BLANK])},
        "encoder_params": {"reduction_kernel_size": 3},
        "pad_token_id": _BLANK,
    }
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")


def _save(graph: GraphProto, file: Path) -> None:
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    save(model, str(file))
