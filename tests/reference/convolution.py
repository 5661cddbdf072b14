"""
3 x 3 convolutions of images with zeros around them, by scipy.signal.correlate2d: y[c'] = sum_c correlate2d(x[c], K[c', c], "same").

Run: /usr/bin/python3 tests/reference/convolution.py
"""
import numpy as np
import scipy
from scipy.signal import correlate2d

from common import write

rng = np.random.RandomState(5)
cases = []
for channels, height, width, samples, outputs in ((1, 8, 8, 2, 3), (3, 4, 6, 2, 2), (2, 1, 5, 3, 1), (2, 2, 1, 1, 2)):
    x = rng.randn(channels, height, width, samples)
    kernel = rng.randn(outputs, 3, 3, channels)
    y = np.zeros((outputs, height, width, samples))
    for to in range(outputs):
        for sample in range(samples):
            for of in range(channels):
                y[to, :, :, sample] += correlate2d(x[of, :, :, sample], kernel[to, :, :, of], mode="same")
    cases.append(
        {
            "shape": [channels, height, width, samples],
            "outputs": outputs,
            "x": x.ravel().tolist(),
            "kernel": kernel.ravel().tolist(),
            "y": y.ravel().tolist(),
        }
    )
write("convolution", {"by": f"scipy {scipy.__version__}", "cases": cases})
