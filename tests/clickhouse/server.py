#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A clickhouse-server of one's own: server.py FOLDER starts one, says its HTTP port when it answers, and ends it when standard
input does. Exit status 77: there is none here. With CHDB=PYTHON, one that has PyPI's chdb-core, it is the current engine (chdb_server.py)."""
import atexit
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request

CONFIG = """<yandex>
<logger><level>warning</level><log>{dir}/log</log><errorlog>{dir}/err</errorlog></logger>
<http_port>{http}</http_port><tcp_port>{tcp}</tcp_port><interserver_http_port>{inter}</interserver_http_port>
<listen_host>127.0.0.1</listen_host><path>{dir}/data/</path><tmp_path>{dir}/tmp/</tmp_path>
<users_config>{dir}/users.xml</users_config><default_profile>default</default_profile><default_database>default</default_database>
<mark_cache_size>5368709120</mark_cache_size><timezone>UTC</timezone>{more}
</yandex>
"""
CHDB = os.environ.get("CHDB")
USERS = """<yandex><profiles><default/></profiles><quotas><default/></quotas>
<users><default><password></password><networks><ip>::/0</ip></networks><profile>default</profile><quota>default</quota></default>
<keeper><password>open sesame</password><networks><ip>::/0</ip></networks><profile>default</profile><quota>default</quota></keeper></users>
</yandex>
"""


def free_ports(n):
    sockets = [socket.socket() for _ in range(n)]
    for s in sockets:
        s.bind(("127.0.0.1", 0))
    ports = [s.getsockname()[1] for s in sockets]
    for s in sockets:
        s.close()
    return ports


class Server:
    """With `ports` (http, tcp, interserver) of one's own choice; what `more` says stands in its configuration."""

    def __init__(self, folder, ports=None, more=""):
        self.dir, self.process = os.path.abspath(folder), None
        self.http, self.tcp, self.inter = ports or free_ports(3)
        os.makedirs(self.dir, exist_ok=True)
        with open(f"{self.dir}/config.xml", "w") as f:
            f.write(CONFIG.format(dir=self.dir, http=self.http, tcp=self.tcp, inter=self.inter, more=more))
        with open(f"{self.dir}/users.xml", "w") as f:
            f.write(USERS)

    @staticmethod
    def there():
        return bool(CHDB) or shutil.which("clickhouse-server") is not None

    def command(self):
        if CHDB:
            return [CHDB, f"{os.path.dirname(os.path.abspath(__file__))}/chdb_server.py", self.dir, str(self.http)]
        return ["clickhouse-server", f"--config-file={self.dir}/config.xml"]

    def start(self):
        self.process = subprocess.Popen(self.command(), cwd=self.dir, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL)
        atexit.register(self.kill)
        until = time.monotonic() + 60
        while True:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{self.http}/ping", timeout=5).read()
                return self
            except OSError:
                if self.process.poll() is not None or time.monotonic() > until:
                    raise SystemExit("clickhouse-server does not come up")
                time.sleep(0.02)

    def kill(self):
        if self.process:
            self.process.kill()
            self.process.wait()
        self.process = None

    def ask(self, sql, **settings):
        query = "&".join(f"{k}={v}" for k, v in settings.items())
        return urllib.request.urlopen(f"http://127.0.0.1:{self.http}/?{query}", sql.encode(), timeout=60).read().decode()


if __name__ == "__main__":
    if not Server.there():
        sys.exit(77)
    server = Server(sys.argv[1]).start()
    try:
        print(server.http, flush=True)
        sys.stdin.read()
    finally:
        server.kill()
        shutil.rmtree(server.dir, ignore_errors=True)
