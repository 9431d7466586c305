"""Writes packages/figures/test/fixtures/matplotlib-colormaps.json: matplotlib's colour maps, and the colours of some numbers.

    pip install matplotlib numpy
    python reference/colormaps.py

`maps` has the 256 entries of each map as hexadecimal digits. `numbers` has rows [value, vmin, vmax, colour] for bwr.
"""

import json
from pathlib import Path

import matplotlib
import numpy
from matplotlib import cm, colors

NAMES = "bwr RdBu PuOr BrBG Reds Blues Greens Oranges Purples Greys viridis magma inferno plasma RdBu_r PuOr_r".split()


def digits(rgba):
    return "".join(f"{byte:02x}" for byte in rgba[:3])


def table(name):
    return "".join(digits(row) for row in cm.get_cmap(name)(numpy.arange(256), bytes=True))


def numbers():
    rng = numpy.random.default_rng(43052)
    rows = []
    for vmin, vmax in [(-1, 1), (-7, 7), (-15, 15), (0, 1), (-0.3, 2.5)]:
        values = [vmin, vmax, 0, (vmin + vmax) / 2, vmin - 1, vmax + 1, *rng.uniform(vmin, vmax, 40).round(4)]
        for value in values:
            mapper = cm.ScalarMappable(colors.Normalize(vmin, vmax), "bwr")
            rows.append([float(value), vmin, vmax, digits(mapper.to_rgba(float(value), bytes=True))])
    return rows


fixture = {
    "matplotlib": matplotlib.__version__,
    "script": "reference/colormaps.py",
    "maps": {name: table(name) for name in NAMES},
    "numbers": numbers(),
}
path = Path(__file__).parent.parent / "packages/figures/test/fixtures/matplotlib-colormaps.json"
path.parent.mkdir(parents=True, exist_ok=True)
path.write_text(json.dumps(fixture, separators=(",", ":")) + "\n")
print(f"{path.name}: {path.stat().st_size} bytes")
