"""Stands between a client and an API server on a socket, and answers the first watch as a server does that no longer
knows what happened since: 410. All else it hands on.

usage: forgetful.py SOCKET SERVER-SOCKET
"""

import http.client
import http.server
import json
import socket
import socketserver
import sys
import threading

own, behind = sys.argv[1:3]
forgot = threading.Event()
# What an API server says then.
STATUS = {
    "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "reason": "Expired", "code": 410,
    "message": "too old resource version",
}


class Connection(http.client.HTTPConnection):
    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(behind)


class Handler(http.server.BaseHTTPRequestHandler):
    def address_string(self):
        return "client"

    def log_message(self, format, *args):
        pass

    def hand_on(self):
        if "watch=true" in self.path and not forgot.is_set():
            forgot.set()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            # Long enough for what is waited for to happen meanwhile.
            threading.Event().wait(3)
            self.wfile.write(json.dumps({"type": "ERROR", "object": STATUS}).encode() + b"\n")
            return
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        server = Connection("localhost")
        headers = {name: value for name, value in self.headers.items() if name.lower() not in ("host", "connection")}
        server.request(self.command, self.path, body, headers)
        answer = server.getresponse()
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.headers.get("Content-Type", "application/json"))
        self.end_headers()
        while part := answer.read1(65536):
            self.wfile.write(part)
            self.wfile.flush()

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = hand_on


class Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True


Server(own, Handler).serve_forever()
