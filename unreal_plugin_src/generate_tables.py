"""Writes the plugin core's tables from the package's own: one source of names and numbers.

``TablesData.inl`` holds the controls, the control board, the raw curves and
the way back to ARKit's shapes; ``arkit_cases.csv`` what Python makes of the
frames in ``protocol/gui_to_raw_cases.csv``, for the core's tests.
Run it after a change of a table; ``--check`` only says whether that is due.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterable
from importlib import resources
from pathlib import Path

import numpy as np

from medtalk_live.rig import arkit
from medtalk_live.rig.controls import CONTROLS, TABLE_HASH, index
from medtalk_live.rig.metahuman import BOARD_NAMES, RAW_NAMES

HERE = Path(__file__).parent
PLUGIN = HERE / "MedTalkLive"
TABLES = PLUGIN / "Source" / "MedTalkCore" / "Private" / "TablesData.inl"
ARKIT_CASES = PLUGIN / "Tests" / "core" / "arkit_cases.csv"
MAPPING_CASES = HERE.parent / "protocol" / "gui_to_raw_cases.csv"


def number(value: float) -> str:
    """A float literal that is read back to the same float32."""
    text = repr(float(np.float32(value)))
    if "e" in text or "." in text:
        short = f"{float(np.float32(value)):.9g}"
        text = short if ("." in short or "e" in short) else short + ".0"
    return text + "f"


def array(declaration: str, rows: Iterable[str]) -> str:
    """One C++ array, a row a line."""
    body = "".join(f"    {row},\n" for row in rows)
    return f"const {declaration} = {{\n{body}}};\n"


def control_rows() -> Iterable[str]:
    """Name, the published spelling, range, neutral."""
    for c in CONTROLS:
        limits = ", ".join(number(value) for value in (c.minimum, c.maximum, c.neutral))
        yield f'{{"{c.name}", "{c.published}", {limits}}}'


def mapping() -> list[dict[str, str]]:
    """The rows of ``gui_to_raw.csv``."""
    text = resources.files("medtalk_live.rig").joinpath("gui_to_raw.csv").read_text("utf-8")
    return list(csv.DictReader(text.splitlines()))


def board_rows(rows: list[dict[str, str]]) -> Iterable[str]:
    """Board name, the control that feeds it, the one folded into it (or -1)."""
    fed = {row["board"]: row for row in rows if row["control"]}
    for name in BOARD_NAMES:
        also = index(fed[name]["also"]) if fed[name]["also"] else -1
        yield f'{{"{name}", {index(fed[name]["control"])}, {also}}}'


def raw_rows(rows: list[dict[str, str]]) -> Iterable[str]:
    """Curve name, board column (or -1), rising and falling line as slope and offset."""
    column = {name: position for position, name in enumerate(BOARD_NAMES)}
    for row in rows:
        lines = [0.0, 0.0, 0.0, 1.0]
        if row["control"]:
            start, peak = float(row["start"]), float(row["peak"])
            lines[:2] = 1 / (peak - start), -start / (peak - start)
            if row["end"]:
                end = float(row["end"])
                lines[2:] = -1 / (end - peak), end / (end - peak)
        values = ", ".join(number(value) for value in lines)
        yield f'{{"{row["raw"]}", {column.get(row["board"], -1)}, {values}}}'


def half_rows() -> Iterable[str]:
    """What the way back to ARKit looks at: control, common gaze (or -1), sign."""
    gaze = [int(column) for column in arkit._GAZE]
    gaze += [-1] * (len(arkit._CONTROL) - len(gaze))
    for control, also, sign in zip(arkit._CONTROL, gaze, arkit._SIGN, strict=True):
        yield f"{{{int(control)}, {also}, {number(sign)}}}"


def weight_rows(matrix: np.ndarray) -> Iterable[str]:
    """The non-zero entries of a matrix: row, column, value."""
    for row, column in np.argwhere(matrix):
        yield f"{{{row}, {column}, {number(matrix[row, column])}}}"


def tables() -> str:
    """The whole of ``TablesData.inl``."""
    rows = mapping()
    assert [row["raw"] for row in rows] == list(RAW_NAMES)
    eyes = arkit._rotations(arkit.DEFAULT_AXES)[1]
    shape = arkit.SHAPE_NAMES.index
    brows = zip(arkit._BROW_SLOPE, arkit._BROW_OFFSET, strict=True)
    back = list(weight_rows(arkit._BACKWARD))
    turns = list(weight_rows(eyes))
    parts = [
        "// Made by generate_tables.py from the package's tables: change those, not this.\n",
        f"static_assert(kTableHash == {TABLE_HASH}, "
        '"Tables.h names another table: run generate_tables.py and update kTableHash");\n',
        array("ControlRow kControls[kControlCount]", control_rows()),
        array("BoardRow kBoard[kBoardCount]", board_rows(rows)),
        array("RawRow kRaw[kRawCount]", raw_rows(rows)),
        array(
            "char* const kArkitNames[kArkitCount]", (f'"{name}"' for name in arkit.LIVE_LINK_NAMES)
        ),
        array(f"HalfRow kHalves[{len(arkit._CONTROL)}]", half_rows()),
        array(f"Weight kHalfToShape[{len(back)}]", back),
        array(f"Weight kShapeToEye[{len(turns)}]", turns),
        array("BrowLine kBrows[4]", (f"{{{number(a)}, {number(b)}}}" for a, b in brows)),
        f"constexpr int kJawOpen = {shape('JawOpen')};\n",
        f"constexpr int kMouthClose = {shape('MouthClose')};\n",
        f"constexpr int kBrowInnerUp = {shape('BrowInnerUp')};\n",
    ]
    return "\n".join(parts)


def arkit_cases() -> str:
    """The 61 values of every case in ``gui_to_raw_cases.csv``, head as in the samples."""
    with MAPPING_CASES.open(encoding="utf-8", newline="") as file:
        table = list(csv.reader(file))
    controls = np.asarray([row[2:] for row in table if row[0] == "control"], np.float32).T
    head = np.asarray([10.0, -5.0, 2.5, 1.0, 2.0, 3.0], np.float32)
    values = arkit.to_live_link(controls, np.tile(head, (len(controls), 1)))
    lines = [",".join(["name", *table[0][2:]])]
    for column, name in enumerate(arkit.LIVE_LINK_NAMES):
        lines.append(",".join([name, *(f"{float(row[column]):.7g}" for row in values)]))
    return "\n".join(lines) + "\n"


def main(arguments: list[str]) -> int:
    """Write the files, or with ``--check`` compare them."""
    stale = 0
    for path, text in ((TABLES, tables()), (ARKIT_CASES, arkit_cases())):
        if "--check" not in arguments:
            path.write_text(text, encoding="utf-8", newline="\n")
        elif not path.exists() or path.read_text(encoding="utf-8") != text:
            print(f"{path.name} is not what the package's tables say: run {Path(__file__).name}")
            stale = 1
    return stale


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
