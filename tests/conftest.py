"""Settings of every test: a busy machine fails none of them."""

from __future__ import annotations

import torch
from hypothesis import HealthCheck, settings

settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")

# Threads that wait for each other in turn take minutes where others want the cores too.
torch.set_num_threads(1)
