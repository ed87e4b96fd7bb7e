# What Python's multiprocessing takes: messages per second of a Queue, or the median of a put of a Manager's in ms.
# python.py Queue|Manager COUNT
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
        took = []
        for _ in range(count):
            begun = time.perf_counter()
            queue.put("x")
            took.append((time.perf_counter() - begun) * 1000)
            queue.get()
        print(sorted(took)[count // 2])
