#!/usr/bin/env python3
"""What two builds cost beside each other: both are driven at the same moment, so that whatever else the machine does meets both.

    benches/par.py OLD NEW [--workload A,B,C,D] [--rounds 5] [--seconds 6] [--connections 32]

OLD and NEW are builds of `examples/load`. Each starts a server of its own. A line for each workload: the server's processor
time for a request of either build (medians of the rounds), and the median of their ratios with the lowest and the highest.
One after another two equal builds differ by a tenth and more on a shared machine; side by side the ratio of A holds within two
hundredths, and that of short requests (C, D) within a tenth.
"""
import argparse, json, statistics, subprocess

given = argparse.ArgumentParser()
given.add_argument("old")
given.add_argument("new")
given.add_argument("--workload", default="A,B,C,D")
given.add_argument("--rounds", type=int, default=5)
given.add_argument("--seconds", type=int, default=6)
given.add_argument("--connections", type=int, default=32)
given = given.parse_args()


def start(build, workload):
    command = [build, "--workload", workload, "--connections", given.connections, "--seconds", given.seconds]
    return subprocess.Popen(list(map(str, command)), stdout=subprocess.PIPE, text=True)


def cost(run):
    told, _ = run.communicate()
    if run.returncode != 0:
        raise SystemExit(f"{run.args[0]} failed")
    answered = json.loads(told.splitlines()[-1])
    if answered["errors"]:
        raise SystemExit(f"{run.args[0]}: {answered['errors']} wrong answers")
    return answered["cpu_ms_each"]


for workload in given.workload.split(","):
    costs = {"old": [], "new": []}
    for number in range(given.rounds):
        # Who begins takes turns.
        order = ["old", "new"] if number % 2 == 0 else ["new", "old"]
        runs = [(which, start(getattr(given, which), workload)) for which in order]
        for which, run in runs:
            costs[which].append(cost(run))
    ratios = sorted(new / old for old, new in zip(costs["old"], costs["new"]))
    old, new = (statistics.median(costs[which]) for which in ("old", "new"))
    print(f"{workload}: {old:.4f} -> {new:.4f} ms, ratio {statistics.median(ratios):.3f} ({ratios[0]:.3f} to {ratios[-1]:.3f})",
          flush=True)
