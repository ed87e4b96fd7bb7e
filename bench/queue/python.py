# What Python's multiprocessing takes: messages per second of a Queue, or single requests to a Manager's in ms as JSON.
# python.py Queue|Manager COUNT
import json
import multiprocessing
import sys
import time

what, count = sys.argv[1], int(sys.argv[2])


def consume(queue, done):
    queue.get()
    begun = time.perf_counter()
    for _ in range(count - 1):
        queue.get()
    done.put(count / (time.perf_counter() - begun))


if __name__ == "__main__":
    if what == "Queue":
        queue, done = multiprocessing.Queue(), multiprocessing.Queue()
        reader = multiprocessing.Process(target=consume, args=(queue, done))
        reader.start()
        for at in range(count):
            queue.put("message number %d" % (at % 64))
        print(done.get())
        reader.join()
    else:
        queue = multiprocessing.Manager().Queue()
        # A `get` removes its message: there is nothing to acknowledge.
        took = {"put": [], "trip": []}
        for _ in range(count):
            begun = time.perf_counter()
            queue.put("x")
            took["put"].append(time.perf_counter() - begun)
            queue.get()
            took["trip"].append(time.perf_counter() - begun)
        median = {key: sorted(all)[count // 2] * 1000 for key, all in took.items()}
        print(json.dumps({**median, "done": median["trip"]}))
