"""Draws the scanned head inside the package ``openfacefx`` with any ARKit expression.

The head (``facecap.glb``, by Face Cap's maker, as shipped by openfacefx) is
read where that package is installed; nothing of it is stored here. It is a
small software renderer: meshes unpacked with ``meshopt``, the texture with
``alktx2``, triangles drawn with a z-buffer, a head light. Used by tests and
benchmarks of the image guidance only.
"""

from __future__ import annotations

import json
import struct
import tempfile
from dataclasses import dataclass
from functools import cache, partial
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from medtalk_live.rig.arkit import SHAPE_NAMES

NEEDS = ("openfacefx", "meshopt", "alktx2")


def available() -> bool:
    return all(find_spec(name) is not None for name in NEEDS)


@dataclass
class Part:
    """One mesh in the head's frame: x to the viewer's right, y up, z to the viewer."""

    points: np.ndarray  # (V, 3)
    uv: np.ndarray  # (V, 2)
    triangles: np.ndarray  # (F, 3)
    targets: dict[str, np.ndarray]  # name -> (V, 3)
    centre: np.ndarray  # about which an eye turns


@cache
def load() -> tuple[list[Part], np.ndarray]:
    """The parts (right eye, left eye, head, teeth) and the texture (H, W, 3)."""
    package = Path(find_spec("openfacefx").origin).parent
    data = (package / "studio_web" / "assets" / "facecap.glb").read_bytes()
    length = struct.unpack("<I", data[12:16])[0]
    head, binary = json.loads(data[20 : 20 + length]), data[28 + length :]
    views = [_view(view, binary) for view in head["bufferViews"]]
    parts = [_part(head, views, node) for node in (0, 1, 2, 3)]
    return parts, _texture(views[0])


def _view(view: dict, binary: bytes) -> np.ndarray:
    import meshopt

    packed = view.get("extensions", {}).get("EXT_meshopt_compression")
    if packed is None:
        return np.frombuffer(binary, np.uint8, view["byteLength"], view.get("byteOffset", 0))
    start = packed.get("byteOffset", 0)
    out = meshopt.decode_gltf_buffer(
        binary[start : start + packed["byteLength"]],
        packed["count"],
        packed["byteStride"],
        packed["mode"],
        packed.get("filter", "NONE"),
    )
    return np.frombuffer(np.ascontiguousarray(out).tobytes(), np.uint8)


def _accessor(head: dict, views: list[np.ndarray], number: int) -> np.ndarray:
    accessor = head["accessors"][number]
    kind = {5120: np.int8, 5121: np.uint8, 5122: np.int16, 5123: np.uint16, 5125: np.uint32}
    dtype = np.dtype(kind[accessor["componentType"]])
    width = {"SCALAR": 1, "VEC2": 2, "VEC3": 3}[accessor["type"]]
    stride = head["bufferViews"][accessor["bufferView"]].get("byteStride", dtype.itemsize * width)
    start = accessor.get("byteOffset", 0)
    raw = views[accessor["bufferView"]][start:]
    rows = np.lib.stride_tricks.as_strided(
        raw, (accessor["count"], dtype.itemsize * width), (stride, 1)
    )
    return np.ascontiguousarray(rows).view(dtype).reshape(accessor["count"], width)


def _part(head: dict, views: list[np.ndarray], node: int) -> Part:
    nodes = head["nodes"]
    mesh = head["meshes"][nodes[node]["mesh"]]
    primitive = mesh["primitives"][0]
    read = partial(_accessor, head, views)
    scale = np.array(nodes[node]["scale"])
    points = read(primitive["attributes"]["POSITION"]) * scale + nodes[node]["translation"]
    names = mesh.get("extras", {}).get("targetNames", [])
    targets = {
        name: _turned(read(target["POSITION"]) * scale)
        for name, target in zip(names, primitive.get("targets", []), strict=True)
    }
    points, centre = _placed(points, nodes, node)
    transform = head["materials"][0]["pbrMetallicRoughness"]["baseColorTexture"]["extensions"][
        "KHR_texture_transform"
    ]
    uv = read(primitive["attributes"]["TEXCOORD_0"]) * transform["scale"] + transform["offset"]
    triangles = read(primitive["indices"]).reshape(-1, 3).astype(int)
    return Part(_turned(points), uv, triangles, targets, _turned(centre))


def _placed(points: np.ndarray, nodes: list, node: int) -> tuple[np.ndarray, np.ndarray]:
    """Eyes have a group of their own that places them."""
    parent = next(i for i, other in enumerate(nodes) if node in (other.get("children") or []))
    group = next(i for i, other in enumerate(nodes) if parent in (other.get("children") or []))
    centre = np.zeros(3)
    if "translation" in nodes[group]:
        centre = np.array(nodes[group]["translation"])
        x, y, z, w = nodes[group]["rotation"]
        u = np.array([x, y, z])
        points = points + 2 * np.cross(u, np.cross(u, points) + w * points) + centre
    return points, centre


def _turned(points: np.ndarray) -> np.ndarray:
    """The scene turns the head upright: (x, y, z) -> (x, -z, y)."""
    return np.stack([points[..., 0], -points[..., 2], points[..., 1]], axis=-1).astype(float)


def _texture(packed: np.ndarray) -> np.ndarray:
    import alktx2
    from PIL import Image

    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "face.ktx2", Path(folder) / "face.png"
        source.write_bytes(packed.tobytes())
        alktx2.decode_ktx2_to_image(str(source), str(target))
        return np.asarray(Image.open(target).convert("RGB"))


def posed(values: dict[str, float]) -> list[Part]:
    """The parts with an expression; names as ARKit writes them, such as ``eyeBlink_L``."""
    right, left, head, teeth = load()[0]  # the file calls them as the viewer sees them
    points = head.points + sum(
        (value * head.targets[name] for name, value in values.items()), np.zeros(3)
    )
    out = [Part(points, head.uv, head.triangles, {}, head.centre), teeth]
    for eye, side in ((left, "L"), (right, "R")):
        up = values.get(f"eyeLookUp_{side}", 0.0) - values.get(f"eyeLookDown_{side}", 0.0)
        away = values.get(f"eyeLookOut_{side}", 0.0) - values.get(f"eyeLookIn_{side}", 0.0)
        yaw = 0.6 * away * np.sign(eye.centre[0])
        turned = _rotation(yaw, -0.45 * up) @ (eye.points - eye.centre).T
        out.append(Part(turned.T + eye.centre, eye.uv, eye.triangles, {}, eye.centre))
    return out


def _rotation(yaw: float, pitch: float, roll: float = 0.0) -> np.ndarray:
    cy, sy, cp, sp, cr, sr = (f(a) for a in (yaw, pitch, roll) for f in (np.cos, np.sin))
    about_y = np.array([[cy, 0, sy], [0, 1, 0], [-sy, 0, cy]])
    about_x = np.array([[1, 0, 0], [0, cp, -sp], [0, sp, cp]])
    about_z = np.array([[cr, -sr, 0], [sr, cr, 0], [0, 0, 1]])
    return about_z @ about_y @ about_x


def render(
    values: dict[str, float], size: int = 384, yaw: float = 0.0, pitch: float = 0.0
) -> np.ndarray:
    """A picture (size, size, 3) uint8 of the expression; head angles in radians."""
    texture = load()[1]
    image = np.full((size, size, 3), 205, np.uint8)
    depth = np.full((size, size), -np.inf)
    turn = _rotation(yaw, pitch)
    for part in posed(values):
        points = part.points @ turn.T
        scale = 60.0 / (60.0 - points[:, 2])
        xy = points[:, :2] * scale[:, None] * size / 30.0 * [1, -1] + [size / 2, size * 0.47]
        _draw(image, depth, texture, xy, points, part)
    return image


def _draw(
    image: np.ndarray,
    depth: np.ndarray,
    texture: np.ndarray,
    xy: np.ndarray,
    points: np.ndarray,
    part: Part,
) -> None:
    """All triangles of a mesh, in groups of about the same size on the picture."""
    corners, deep, uv = xy[part.triangles], points[part.triangles], part.uv[part.triangles]
    normal = np.cross(deep[:, 1] - deep[:, 0], deep[:, 2] - deep[:, 0])
    normal /= np.linalg.norm(normal, axis=1, keepdims=True) + 1e-9
    light = 0.55 + 0.45 * np.clip(np.abs(normal @ [0.15, 0.35, 0.92]), 0, 1)
    box = np.ceil(np.ptp(corners, axis=1).max(axis=1)).astype(int) + 2
    for low, high in ((0, 4), (4, 8), (8, 16), (16, 32), (32, 128)):
        chosen = np.flatnonzero((box > low) & (box <= high))
        if len(chosen):
            group = (corners[chosen], deep[chosen, :, 2], uv[chosen], light[chosen])
            _fill(image, depth, texture, high, *group)


def _fill(
    image: np.ndarray,
    depth: np.ndarray,
    texture: np.ndarray,
    box: int,
    corners: np.ndarray,
    deep: np.ndarray,
    uv: np.ndarray,
    light: np.ndarray,
) -> None:
    start = np.floor(corners.min(axis=1)).astype(int)
    steps = np.stack(np.meshgrid(np.arange(box), np.arange(box)), axis=-1).reshape(-1, 2)
    pixel = start[:, None] + steps  # (F, P, 2)
    e1, e2 = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    area = e1[:, 0] * e2[:, 1] - e1[:, 1] * e2[:, 0]
    area = np.where(np.abs(area) < 1e-9, 1e9, area)[:, None]
    d = pixel - corners[:, None, 0]
    b = (d[..., 0] * e2[:, None, 1] - d[..., 1] * e2[:, None, 0]) / area
    c = (d[..., 1] * e1[:, None, 0] - d[..., 0] * e1[:, None, 1]) / area
    weights = np.stack([1 - b - c, b, c], axis=-1)
    height, width = depth.shape
    hit = (weights >= -1e-6).all(-1) & (pixel >= 0).all(-1) & (pixel < [width, height]).all(-1)
    face, _ = np.nonzero(hit)
    z = (weights[hit] * deep[face]).sum(-1)
    order = np.argsort(z, kind="stable")  # the nearest is written last
    face, z, at, weights = face[order], z[order], pixel[hit][order], weights[hit][order]
    seen = z > depth[at[:, 1], at[:, 0]]
    face, z, at, weights = face[seen], z[seen], at[seen], weights[seen]
    where = np.einsum("fk,fkc->fc", weights, uv[face])
    texel = np.clip((where * texture.shape[0]).astype(int), 0, texture.shape[0] - 1)
    colour = texture[texel[:, 1], texel[:, 0]] * light[face, None]
    image[at[:, 1], at[:, 0]] = colour.astype(np.uint8)
    depth[at[:, 1], at[:, 0]] = z


KINDS = {
    "smile": ("mouthSmile_L", "mouthSmile_R"),
    "jaw open": ("jawOpen",),
    "brow up": ("browInnerUp", "browOuterUp_L", "browOuterUp_R"),
    "blink": ("eyeBlink_L", "eyeBlink_R"),
    "squint": ("eyeSquint_L", "eyeSquint_R"),
    "mouth left": ("mouthLeft",),
    "mouth right": ("mouthRight",),
    "funnel": ("mouthFunnel",),
}
TOGETHER = (  # what faces do at once
    {"smile": 0.8, "squint": 0.7}, {"smile": 0.6, "jaw open": 0.4},
    {"brow up": 0.9, "jaw open": 0.5},
    {"smile": 0.5, "brow up": 0.6}, {"funnel": 0.7, "brow up": 0.5}, {"blink": 0.9, "smile": 0.4},
    {"mouth left": 0.6, "squint": 0.8}, {"mouth right": 0.6, "brow up": 0.4},
)  # fmt: skip


def poses() -> list[dict[str, float]]:
    """Neutral, each kind alone at two degrees, and some together; degrees by kind."""
    single = [{kind: degree} for kind in KINDS for degree in (0.5, 0.85)]
    return [{}, *single, *TOGETHER]


def photos(chosen: list[dict[str, float]], folder: Path) -> list[Path]:
    """A picture of each pose, every third one turned."""
    from PIL import Image

    rng, paths = np.random.default_rng(7), []
    for number, pose in enumerate(chosen):
        values = {name: degree for kind, degree in pose.items() for name in KINDS[kind]}
        turned = number % 3 == 2
        yaw, pitch = (rng.uniform(-0.3, 0.3), rng.uniform(-0.15, 0.15)) if turned else (0, 0)
        paths.append(folder / f"{number}.png")
        Image.fromarray(render(values, 320, yaw, pitch)).save(paths[-1])
    return paths


def compared(
    chosen: list[dict[str, float]], shapes: np.ndarray
) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """True and seen degree (P,) of each kind, from ARKit shapes (P, 52)."""
    out = {}
    for kind, names in KINDS.items():
        columns = [SHAPE_NAMES.index(_arkit(name)) for name in names]
        true = np.array([pose.get(kind, 0.0) for pose in chosen])
        out[kind] = true, shapes[:, columns].mean(axis=1)
    return out


def _arkit(name: str) -> str:
    bare, _, side = name.partition("_")
    return bare[0].upper() + bare[1:] + {"L": "Left", "R": "Right", "": ""}[side]
