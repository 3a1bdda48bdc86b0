"""A hosted zone of the emulated Route 53, whose changes reach the name server that the ACME authority asks: what AWS does by itself.

It stands between the edge and the emulator, and keeps who signed and what was changed."""

import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import requests

CHANGE = re.compile(
    r"<Action>(\w+)</Action>.*?<Name>([^<]+)</Name><Type>TXT</Type>.*?<Value>(?:&quot;|\")([^<\"&]+)", re.DOTALL
)


class Zone:
    def __init__(self, emulator, name_server: str, domain: str):
        """`name_server`: the address at which the test name server takes records."""
        self.emulator, self.name_server = emulator, name_server
        made = emulator.client("route53").create_hosted_zone(Name=domain, CallerReference="test")
        self.id = made["HostedZone"]["Id"].removeprefix("/hostedzone/")
        self.changes: list[tuple[str, str]] = []
        self.signers: set[str] = set()
        handler = type("Handler", (Handler,), {"zone": self})
        self.http = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.http.daemon_threads = True
        threading.Thread(target=self.http.serve_forever, daemon=True).start()
        self.endpoint = f"http://127.0.0.1:{self.http.server_port}"

    def records(self) -> list[str]:
        answer = self.emulator.client("route53").list_resource_record_sets(HostedZoneId=self.id)
        return [one["Name"] for one in answer["ResourceRecordSets"] if one["Type"] == "TXT"]

    def stop(self) -> None:
        self.http.shutdown()
        self.http.server_close()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    zone: Zone

    def log_message(self, *_):
        pass

    def do_GET(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name: value for name, value in self.headers.items() if name.lower() not in ("content-length", "connection")}
        answer = requests.request(
            self.command, self.zone.emulator.url + self.path, data=body, headers=headers | {"Host": "route53.amazonaws.com"}, timeout=20
        )
        self.zone.signers.add(self.headers.get("Authorization", "").split("Credential=")[-1].split("/")[0])
        if answer.ok and body:
            self.passed_on(body.decode())
        self.send_response(answer.status_code)
        self.send_header("Content-Length", str(len(answer.content)))
        self.end_headers()
        self.wfile.write(answer.content)

    do_POST = do_GET

    def passed_on(self, text: str) -> None:
        for action, name, value in CHANGE.findall(text):
            self.zone.changes.append((action, name))
            record = {"host": name.rstrip(".") + "."}
            path = "clear-txt" if action == "DELETE" else "set-txt"
            requests.post(f"{self.zone.name_server}/{path}", json=record | {"value": value}, timeout=10).raise_for_status()
