"""``medtalk-live bench``: what this machine makes of a model, in milliseconds."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from typing import Any

from medtalk_live.cli import options, values
from medtalk_live.runtime.priority import raise_priority, single_blas_thread
from medtalk_live.runtime.settings import (
    LIVE_LINK_PORT,
    LIVE_LOOK_AHEAD_MS,
    OSC_PORT,
    VMC_PORT,
    LiveSettings,
)


def main(arguments: list[str]) -> int:
    """Measure and print; returns the exit status."""
    parser = options.Parser(
        prog="medtalk-live bench",
        description="Measure compute, latency and its parts, and memory on this machine.",
    )
    options.add_model(parser, LIVE_LOOK_AHEAD_MS)
    parser.add_argument(
        "--seconds", type=values.positive, default=20.0, help="length of each measurement (20)"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object instead")
    options.add_verbose(parser)
    parser.set_defaults(look_ahead=LIVE_LOOK_AHEAD_MS, compute="auto", seed=0)
    args = parser.parse_args(arguments)
    single_blas_thread()
    raise_priority()
    report = _measured(args)
    if args.json:
        print(json.dumps(report))
    else:
        _print(report)
    return 0


def _measured(args: Any) -> dict[str, Any]:
    from medtalk_live.cli.assembly import build_sinks
    from medtalk_live.engine.animator import Animator
    from medtalk_live.runtime.benchmark import measure_compute, measure_encoding, measure_latency
    from medtalk_live.runtime.stats import resident_mb

    model = options.load(args.model, args.look_ahead, args.compute, args.text_branch, live=True)
    profile = options.load_profile(args.profile)

    def make() -> Animator:
        return Animator(model, finish=args.finish, seed=args.seed, profile=profile)

    print("measuring, please let the machine rest ...", file=sys.stderr)
    everywhere = LiveSettings(
        osc=(f"127.0.0.1:{OSC_PORT}",),
        livelink=(f"127.0.0.1:{LIVE_LINK_PORT}",),
        vmc=(f"127.0.0.1:{VMC_PORT}",),
    )
    return {
        "model": f"{model.name} {model.version}",
        "look_ahead_ms": args.look_ahead,
        "compute": asdict(measure_compute(make, args.seconds)),
        "encode_ms": asdict(measure_encoding(build_sinks(everywhere, None))),
        "latency": asdict(measure_latency(model, make, max(5.0, args.seconds))),
        "memory_mb": round(resident_mb(), 1),
    }


def _print(report: dict[str, Any]) -> None:
    compute, latency = report["compute"], report["latency"]

    def spread(value: dict[str, float]) -> str:
        return f"{value['p50']:7.2f} ms p50   {value['p99']:7.2f} ms p99"

    print(f"model            {report['model']}, look-ahead {report['look_ahead_ms']} ms")
    print(f"network a frame  {spread(compute['network_ms'])}   (features, encoder, decoder)")
    print(f"compute a frame  {spread(compute['frame_ms'])}   (the same and the finish)")
    print(f"real-time factor {compute['real_time_factor']:7.3f} (1 would just keep up)")
    print(f"encode a frame   {spread(report['encode_ms'])}   (OSC, Live Link Face and VMC)")
    print(f"latency          {spread(latency['total_ms'])}   (sample in to datagram received)")
    print(f"  declared       {latency['declared_ms']:7.2f} ms   (look-ahead, hop, filters)")
    print(f"  hearing        {spread(latency['hear_ms'])}   (after a chunk's end)")
    print(f"  compute        {spread(latency['compute_ms'])}   (a chunk)")
    print(f"  evenness       {latency['wait_ms']:7.2f} ms   (ready to sent)")
    print(f"frame rate       {latency['rate_hz']:7.3f} Hz, {latency['held']} held")
    print(f"intervals        {spread(latency['interval_ms'])}")
    print(f"memory           {report['memory_mb']:7.1f} MB")
