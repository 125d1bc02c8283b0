"""How does multilingual-e5-small compute, as a network for ONNX Runtime? One text at a time, in one of two ways.

``whole numbers``: weights as 8-bit numbers with a scale an output, inputs as 8-bit numbers with a scale a
token (a scale for all tokens together gave cosine .995 to the exact network, this one .999); processors with
VNNI or AMX multiply these several times faster than anything else. ``blocks``: the 4-bit blocks of the file
as they are, which every processor that the runtime supports computes rightly.
"""

from typing import Final, Literal

import numpy as np

from engine.adapters.e5_weights import BLOCK, E5Weights
from engine.adapters.onnx_protobuf import CONTRIB, Network

Arithmetic = Literal["whole numbers", "blocks"]

INPUT: Final = "embeddings"
OUTPUT: Final = "states"


def network(weights: E5Weights, arithmetic: Arithmetic, layers: int | None = None) -> bytes:
    """Return the serialised model: `INPUT` float32 ``(1, tokens, dim)`` to `OUTPUT` of the same shape.

    Parameters
    ----------
    weights : E5Weights
    arithmetic : {"whole numbers", "blocks"}
    layers : int, optional
        Only the first so many; by default all.
    """
    sizes = weights.sizes
    net = Network("multilingual-e5-small")
    norm = [net.constant(f"emb.ln.{x}", weights.values(f"emb.ln.{x}")) for x in "wb"]
    state = net.node("LayerNormalization", [INPUT, *norm], ["start"], axis=-1, epsilon=sizes.epsilon)
    thirds = net.constant("thirds", np.full(3, sizes.dim, dtype=np.int64))
    linear = _whole_numbers if arithmetic == "whole numbers" else _blocks
    for number in range(sizes.layers if layers is None else layers):
        at = f"l{number}."

        def bias(*names: str, at: str = at) -> str:
            return net.constant(
                at + "".join(names) + ".b", np.concatenate([weights.values(f"{at}{n}.b") for n in names])
            )

        def normed(added: str, old: str, name: str, of: str, at: str = at) -> str:
            scale = [net.constant(f"{at}{name}.{x}", weights.values(f"{at}{name}.{x}")) for x in "wb"]
            return net.node(
                "SkipLayerNormalization",
                [added, old, *scale, bias(of)],
                [f"{at}{name}"],
                domain=CONTRIB,
                epsilon=sizes.epsilon,
            )

        together = linear(net, weights, state, [f"{at}{x}" for x in "qkv"], sizes.dim)
        net.node("Split", [together, thirds], [f"{at}{x}" for x in "qkv"], axis=2)
        attended = net.node(
            "MultiHeadAttention",
            [*(f"{at}{x}" for x in "qkv"), bias("q", "k", "v")],
            [f"{at}attended"],
            domain=CONTRIB,
            num_heads=sizes.heads,
        )
        state = normed(linear(net, weights, attended, [f"{at}ao"], sizes.dim), state, "aln", "ao")
        inner = linear(net, weights, state, [f"{at}fi"], sizes.dim)
        inner = net.node("BiasGelu", [inner, bias("fi")], [f"{at}inner"], domain=CONTRIB)
        state = normed(linear(net, weights, inner, [f"{at}fo"], sizes.inner), state, "oln", "fo")
    net.node("Identity", [state], [OUTPUT])
    shape = (1, "tokens", sizes.dim)
    return net.model({INPUT: shape}, {OUTPUT: shape})


def _whole_numbers(net: Network, weights: E5Weights, value: str, names: list[str], columns: int) -> str:
    """Multiply by the matrices side by side, both sides as 8-bit numbers."""
    matrix = np.concatenate([weights.matrix(f"{name}.w", columns) for name in names])
    scale = np.maximum(np.abs(matrix).max(axis=1), np.float32(1e-9)) / np.float32(127)
    numbers = np.rint(matrix / scale[:, None]).astype(np.int8).T
    out = names[0] + "*"
    size = net.node("Abs", [value], [out + "abs"])
    last = net.constant("last", np.array([-1], dtype=np.int64))
    size = net.node("ReduceMax", [size, last], [out + "max"], keepdims=1)
    size = net.node("Max", [size, net.constant("least", np.array([1e-9], dtype=np.float32))], [out + "size"])
    share = net.node("Div", [value, size], [out + "share"])
    step, middle = (
        net.constant("step", np.array(1 / 127, np.float32)),
        net.constant("middle", np.array(128, np.uint8)),
    )
    whole = net.node("QuantizeLinear", [share, step, middle], [out + "whole"])
    product = net.node(
        "MatMulIntegerToFloat",
        [
            whole,
            net.constant(out + "w", numbers),
            step,
            net.constant(out + "s", scale.astype(np.float32)),
            middle,
        ],
        [out + "product"],
        domain=CONTRIB,
    )
    return net.node("Mul", [product, size], [out])


def _blocks(net: Network, weights: E5Weights, value: str, names: list[str], columns: int) -> str:
    """Multiply by the matrices side by side, from their 4-bit blocks."""
    parts = [weights.nibbles(f"{name}.w") for name in names]
    numbers, scales = (np.concatenate(part) for part in zip(*parts, strict=True))
    rows, blocks = len(scales) * BLOCK // columns, columns // BLOCK
    pairs = numbers[:, 0::2] | numbers[:, 1::2] << 4
    out = names[0] + "*"
    return net.node(
        "MatMulNBits",
        [
            value,
            net.constant(out + "w", pairs.reshape(rows, blocks, BLOCK // 2)),
            net.constant(out + "s", scales.reshape(rows, blocks)),
        ],
        [out],
        domain=CONTRIB,
        K=columns,
        N=rows,
        bits=4,
        block_size=BLOCK,
        accuracy_level=4,
    )
