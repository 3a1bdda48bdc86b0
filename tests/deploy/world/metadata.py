"""The metadata service of EC2 (IMDSv2) in a network of the test's own: tells each host by its address what it is.

`python metadata.py FOLDER ADDRESS`. FOLDER/ADDRESS-OF-HOST.json holds {"user_data", "role", "keys", "tree"}; it is read anew for each
question. Format: "Instance metadata and user data" of the EC2 user guide.
"""

import json
import re
import secrets
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

VERSION = r"/(latest|\d{4}-\d\d-\d\d)/"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    folder: Path
    tokens: set[str] = set()

    def log_message(self, *_):
        pass

    def do_PUT(self):
        if not re.fullmatch(VERSION + "api/token", self.path) or not self.headers.get("X-aws-ec2-metadata-token-ttl-seconds"):
            return self.send(400, b"")
        token = secrets.token_urlsafe(24)
        self.tokens.add(token)
        self.send(200, token.encode())

    def do_GET(self):
        # Hosts are made with http_tokens = required: nothing without a token.
        if self.headers.get("X-aws-ec2-metadata-token") not in self.tokens:
            return self.send(401, b"")
        file = self.folder / f"{self.client_address[0]}.json"
        matched = re.fullmatch(VERSION + "(.*)", self.path)
        if not matched or not file.exists():
            return self.send(404, b"")
        host, path = json.loads(file.read_text()), matched[2]
        roles = "meta-data/iam/security-credentials/"
        told = {
            "user-data": host["user_data"],
            roles: host["role"],
            roles + host["role"]: json.dumps(host["keys"], indent=2),
        }
        if path in told:
            return self.send(200, told[path].encode())
        document = json.dumps({"instanceId": host["tree"]["instance-id"], "privateIp": self.client_address[0]})
        found = {"meta-data": host["tree"], "dynamic": {"instance-identity": {"document": document}}}
        for part in path.strip("/").split("/"):
            found = found.get(part) if isinstance(found, dict) else None
        if isinstance(found, dict):
            found = "\n".join(name + ("/" if isinstance(value, dict) else "") for name, value in found.items())
        self.send(404 if found is None else 200, (found or "").encode())

    def send(self, status, body):
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Type", "text/plain")
        self.end_headers()
        self.wfile.write(body)


if __name__ == "__main__":
    Handler.folder = Path(sys.argv[1])
    server = ThreadingHTTPServer((sys.argv[2], 80), Handler)
    print("ready", flush=True)
    server.serve_forever()
