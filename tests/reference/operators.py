"""
Gaussian blur by scipy.ndimage.gaussian_filter (truncate 4) and the orthonormal DCT-II by scipy.fft.dctn.

Run: /usr/bin/python3 tests/reference/operators.py
"""
import numpy as np
import scipy
from scipy.fft import dctn
from scipy.ndimage import gaussian_filter

from common import write

rng = np.random.default_rng(3)
cases = []
for shape in [(1,), (7,), (40,), (1, 6), (5, 9), (16, 16), (13, 1)]:
    x = rng.normal(size=shape)
    blurs = [
        {
            "sigma": sigma,
            "boundary": {"reflect": "reflecting", "wrap": "circular"}[mode],
            "values": gaussian_filter(x, sigma, mode=mode, truncate=4).ravel().tolist(),
        }
        for sigma in (0.4, 1.5, 3.3)
        for mode in ("reflect", "wrap")
    ]
    cases.append(
        {
            "shape": shape,
            "x": x.ravel().tolist(),
            "dct": dctn(x, type=2, norm="ortho").ravel().tolist(),
            "blurs": blurs,
        }
    )
write("operators", {"by": f"scipy {scipy.__version__}, numpy {np.__version__}", "cases": cases})
