"""Small depth assignments whose optimum is known, solved by the policy itself: what a coarse quantum costs.

Jobs with random stage times, confidences and deadlines arrive together; `rtdeepiot` assigns depths to them in one plan
(with an oracle, and nothing planned again), and the confidence that it collects is compared with that of the best
assignment, found by trying all. The optimum needs no schedule: on one resource, depths are feasible if they are in
deadline order.
"""

import itertools
import json
import os
import random
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

STAGES = 3


def instance(seed):
    """Jobs as (stage times in ms, confidences by exit, deadline in ms)."""
    draw = random.Random(seed)
    jobs = []
    for _ in range(draw.randint(2, 5)):
        times = [draw.randint(1, 10) for _ in range(STAGES)]
        confidences = sorted(round(draw.uniform(0.05, 1), 6) for _ in range(STAGES))
        jobs.append((times, confidences, draw.randint(5, 60)))
    return sorted(jobs, key=lambda job: job[2])


def best_reward(jobs):
    """The largest sum of confidences over all assignments of depths that keep every deadline; depth 0 is a drop."""
    best = 0.0
    for depths in itertools.product(range(STAGES + 1), repeat=len(jobs)):
        finish, reward = 0, 0.0
        for (times, confidences, deadline), depth in zip(jobs, depths):
            finish += sum(times[:depth])
            if depth and finish > deadline:
                break
            reward += confidences[depth - 1] if depth else 0
        else:
            best = max(best, reward)
    return best


def workload(jobs):
    """All jobs are released once, at time 0."""
    tasks = [{"name": f"job{index}",
              "variants": [{"synthetic": {"stages": times, "unit": "ms", "accuracy": confidences}}],
              "arrival": {"process": "periodic", "period": 100, "unit": "s"},
              "deadline": {"fixed": deadline, "unit": "ms"}} for index, (times, confidences, deadline) in enumerate(jobs)]
    return {"schema": "laxity.workload/1", "tasks": tasks, "horizon": {"seconds": 1}}


def collected(laxity, path, jobs, delta):
    """The confidence that the policy collects: the sum over the jobs of that of the exit they left at."""
    policy = f"rtdeepiot:delta={delta},predictor=oracle,update=none,reclaim=false"
    summary = json.loads(laxity.output("simulate", "--workload", path, "--policy", policy))
    reward = 0.0
    for task, (_, confidences, _) in zip(summary["tasks"], jobs):
        depth = task["depth_histogram"].index(1)
        reward += confidences[depth - 1] if depth else 0
    return reward


def loss_of(laxity, folder, seed, delta):
    """The loss against the optimum of one instance: (absolute, relative, number of jobs)."""
    jobs = instance(seed)
    best = best_reward(jobs)
    path = Path(folder) / f"{seed}.json"
    path.write_text(json.dumps(workload(jobs)))
    loss = best - collected(laxity, path, jobs, delta)
    return loss, loss / best if best else 0.0, len(jobs)


def losses(laxity, delta, count):
    """The losses of so many instances, several at a time."""
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(os.cpu_count()) as pool:
        return list(pool.map(lambda seed: loss_of(laxity, folder, seed, delta), range(count)))
