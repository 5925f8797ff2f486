"""The queue model of benches/workload.rs in SimPy, as its documentation would write it: a process a request.

Prints the requests, the seconds and the mean response time in microseconds.
"""

import random
import sys
import time

import simpy

SERVERS, WORKERS, WORK_US, WAY_US, RATE_RPS = 100, 4, 10_000, 1_000, 36_000


def main(requests):
    draw = random.Random(7)
    env = simpy.Environment()
    servers = [simpy.Resource(env, capacity=WORKERS) for _ in range(SERVERS)]
    in_progress = [0] * SERVERS
    answered = [0, 0.0]

    def request():
        began = env.now
        yield env.timeout(WAY_US)
        one, other = draw.sample(range(SERVERS), 2)
        to = other if in_progress[other] < in_progress[one] else one
        in_progress[to] += 1
        yield env.timeout(WAY_US)
        with servers[to].request() as worker:
            yield worker
            yield env.timeout(draw.expovariate(1 / WORK_US))
        yield env.timeout(WAY_US)
        in_progress[to] -= 1
        yield env.timeout(WAY_US)
        answered[0] += 1
        answered[1] += env.now - began

    def arrivals():
        for _ in range(requests):
            yield env.timeout(draw.expovariate(RATE_RPS / 1e6))
            env.process(request())

    start = time.process_time()
    env.run(until=env.process(arrivals()))
    took = time.process_time() - start
    print(requests, f"{took:.6f}", f"{answered[1] / answered[0]:.0f}")


main(int(sys.argv[1]))
