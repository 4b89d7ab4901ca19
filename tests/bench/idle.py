"""What an idle WebSocket costs a process and its children, in bytes of memory.

usage: idle.py COUNT TOKEN_FILE PID unix SOCKET | tls PORT CERTIFICATE
"""
import resource
import socket
import ssl
import sys
import time


def memory(pid):
	"""Of its own, without what the sessions of TLS take in the memory that nginx' workers share: that is bounded."""
	with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
		pids = [pid, *file.read().split()]
	total = 0
	for name in pids:
		with open(f"/proc/{name}/smaps_rollup", encoding="ascii") as file:
			total += sum(int(line.split()[1]) for line in file if line.startswith("Private_Dirty:"))
	return total * 1024


def dial(kind, address, context):
	if kind == "unix":
		connection = socket.socket(socket.AF_UNIX)
		connection.connect(address)
		return connection
	return context.wrap_socket(socket.create_connection(("127.0.0.1", int(address))), server_hostname="localhost")


def request(token, number):
	channels = ",".join([f"game:01890000-0000-7000-8000-{number:012x}", "sport:01890000-0000-7000-8000-000000000001",
		"event:01890000-0000-7000-8000-000000000001"])
	return (f"GET /ws?channels={channels} HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
		f"Authorization: Bearer {token}\r\n\r\n").encode()


def main():
	count, token_file, pid, kind, address = int(sys.argv[1]), *sys.argv[2:6]
	_, most = resource.getrlimit(resource.RLIMIT_NOFILE)
	resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
	with open(token_file, encoding="ascii") as file:
		token = file.read().strip()
	context = ssl.create_default_context(cafile=sys.argv[6]) if kind == "tls" else None
	before, sockets = memory(pid), []
	for number in range(count):
		connection = dial(kind, address, context)
		connection.sendall(request(token, number))
		answer = connection.recv(4096)
		if b" 101 " not in answer:
			sys.exit(answer.decode(errors="replace"))
		sockets.append(connection)
	time.sleep(2)
	print((memory(pid) - before) // count)


main()
