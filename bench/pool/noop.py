# No-op tasks per second of a pool with two workers: python3 noop.py Pool|ProcessPoolExecutor CHUNK COUNT
import concurrent.futures, multiprocessing, sys, time
def noop(_): return None
if __name__ == '__main__':
    which, chunk, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    made = multiprocessing.Pool if which == 'Pool' else concurrent.futures.ProcessPoolExecutor
    with made(2) as pool:
        # One task after another has a faster way of its own.
        map = pool.imap if which == 'Pool' and chunk == 1 else pool.map
        for _ in map(noop, range(count // 4), chunksize=chunk): pass
        start = time.perf_counter()
        for _ in map(noop, range(count), chunksize=chunk): pass
        print(count / (time.perf_counter() - start))
