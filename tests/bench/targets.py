# SPDX-License-Identifier: MIT
"""targets.py N GOROUTINES: N targets on loopback addresses of their own, each answering with a dump of so many goroutines of
which some percent change from one answer to the next. Writes its targets file to standard output, then serves until killed."""
import asyncio, json, random, sys

N, GOROUTINES, VERSIONS = int(sys.argv[1]), int(sys.argv[2]), 40
STATES = ['chan receive', 'select', 'IO wait', 'sync.Mutex.Lock', 'sleep']


def block(i, version):
    deep = ''.join('example.org/app/pkg%d.(*Server).step%d(0xc000%06x, {0x%x, 0x3})\n\t/src/app/pkg%d/server.go:%d +0x1d\n' %
                   (i % 9, k, i, version, i % 9, 40 + k) for k in range(3 + i % 5))
    return ('goroutine %d [%s]:\n%screated by example.org/app/pkg%d.Serve in goroutine 1\n\t/src/app/pkg%d/serve.go:%d +0x9c\n\n' %
            (i, STATES[i % 5], deep, i % 9, i % 9, 20 + i % 30))


def versions():
    rnd = random.Random(1)
    alive, nxt, touched, out = list(range(1, GOROUTINES + 1)), GOROUTINES + 1, {}, []
    for v in range(VERSIONS):
        for _ in range(GOROUTINES // 50):  # 2 % die and are born, 3 % move
            alive[rnd.randrange(1, GOROUTINES)] = nxt
            nxt += 1
        for i in rnd.sample(alive, GOROUTINES * 3 // 100):
            touched[i] = v
        out.append(''.join(block(i, touched.get(i, 0)) for i in alive).encode())
    return out


async def main():
    bodies, turn = versions(), {}

    async def serve(reader, writer):
        me = writer.get_extra_info('sockname')
        while True:
            try:
                await reader.readuntil(b'\r\n\r\n')
            except (asyncio.IncompleteReadError, ConnectionError):
                break
            turn[me] = turn.get(me, 0) + 1
            body = bodies[turn[me] % VERSIONS]
            writer.write(b'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n\r\n' % len(body))
            writer.write(body)
            await writer.drain()
        writer.close()
    hosts = ['127.0.%d.%d' % (1 + i // 250, 1 + i % 250) for i in range(N)]
    first = await asyncio.start_server(serve, hosts[0], 0)
    port = first.sockets[0].getsockname()[1]
    servers = [first] + [await asyncio.start_server(serve, h, port) for h in hosts[1:]]
    json.dump([{'targets': ['%s:%d' % (h, port) for h in hosts], 'labels': {'bytes': str(len(bodies[0]))}}], sys.stdout)
    sys.stdout.close()
    await asyncio.gather(*(s.serve_forever() for s in servers))


asyncio.run(main())
