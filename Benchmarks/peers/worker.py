"""A process that runs a peer: reads JSON requests, one per line, and answers each with one line.

Imports and the preparation of the input are not timed. Runs alternate with those of voxtile.
"""

import gc
import json
import os
import sys
import time
import traceback


def answer(request, state):
    order = request["order"]
    if order == "prepare":
        for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
            os.environ[name] = str(request["task"]["jobs"])
        from in_memory import PEERS

        state["job"] = PEERS[request["peer"]](request["task"])
        return {}
    job = state["job"]
    if order == "drop":
        job.drop()
        gc.collect()
        return {}
    if order == "run":
        start = time.perf_counter()
        job.run()
        return {"seconds": time.perf_counter() - start}
    return job.check()


def main():
    # Sends prints of libraries to standard error, so that they do not mix with the replies.
    replies = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    state = {}
    for line in sys.stdin:
        try:
            reply = answer(json.loads(line), state)
        except Exception:
            reply = {"error": traceback.format_exc(limit=3)}
        print(json.dumps(reply), file=replies, flush=True)


main()
