# No-op tasks per second of Python's own pool: python3 noop.py CHUNK COUNT
import multiprocessing, sys, time
def noop(_): return None
if __name__ == '__main__':
    chunk, count = int(sys.argv[1]), int(sys.argv[2])
    with multiprocessing.Pool(2) as pool:
        pool.map(noop, range(1000))
        start = time.perf_counter()
        for _ in pool.imap(noop, range(count), chunksize=chunk) if chunk == 1 else pool.map(noop, range(count), chunksize=chunk): pass
        print(count / (time.perf_counter() - start))
