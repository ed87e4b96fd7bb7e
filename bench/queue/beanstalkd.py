# What beanstalkd takes: messages per second from one process to another, or single requests in ms as JSON.
# beanstalkd.py PORT rate|trip COUNT
#
# Commands are pipelined: the writer has up to eight batches of 64 puts under way, and the reader asks for the next batch
# before it deletes this one. So nobody waits for an answer to each message.
import json
import multiprocessing
import socket
import sys
import time

BATCH = 64
IN_FLIGHT = 8
RESERVE = b"reserve\r\n"

port, what, count = int(sys.argv[1]), sys.argv[2], int(sys.argv[3])


class Connection:
    def __init__(self):
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.answers = self.socket.makefile("rb", 1 << 16)

    def send(self, commands):
        self.socket.sendall(commands)

    def answer(self, word):
        line = self.answers.readline()
        if not line.startswith(word):
            raise SystemExit("beanstalkd answered %r" % line)
        return line

    def answered(self, word, times):
        for _ in range(times):
            self.answer(word)

    def reserved(self):
        _, name, size = self.answer(b"RESERVED ").split()
        self.answers.read(int(size) + 2)
        return name


def put(body):
    return b"put 1024 0 120 %d\r\n%s\r\n" % (len(body), body)


def produce(batches):
    connection = Connection()
    batch = b"".join(put(b"message number %d" % at) for at in range(BATCH))
    for at in range(batches):
        connection.send(batch)
        if at >= IN_FLIGHT - 1:
            connection.answered(b"INSERTED ", BATCH)
    connection.answered(b"INSERTED ", BATCH * min(batches, IN_FLIGHT - 1))


def consume(batches):
    connection = Connection()
    connection.send(RESERVE * BATCH * min(batches, 2))
    begun = None
    for at in range(batches):
        names = []
        for _ in range(BATCH):
            names.append(connection.reserved())
            begun = begun or time.perf_counter()
        if at > 0:
            connection.answered(b"DELETED", BATCH)
        deletes = b"".join(b"delete %s\r\n" % name for name in names)
        connection.send(deletes + (RESERVE * BATCH if at + 2 < batches else b""))
    connection.answered(b"DELETED", BATCH)
    return batches * BATCH / (time.perf_counter() - begun)


def trips():
    connection = Connection()
    took = {"put": [], "trip": [], "done": []}
    for _ in range(count):
        begun = time.perf_counter()
        connection.send(put(b"x"))
        connection.answer(b"INSERTED ")
        took["put"].append(time.perf_counter() - begun)
        connection.send(RESERVE)
        name = connection.reserved()
        took["trip"].append(time.perf_counter() - begun)
        connection.send(b"delete %s\r\n" % name)
        connection.answer(b"DELETED")
        took["done"].append(time.perf_counter() - begun)
    return {key: sorted(all)[count // 2] * 1000 for key, all in took.items()}


if __name__ == "__main__":
    if what == "rate":
        batches = -(-count // BATCH)
        writer = multiprocessing.Process(target=produce, args=(batches,))
        writer.start()
        print(consume(batches))
        writer.join()
    else:
        print(json.dumps(trips()))
