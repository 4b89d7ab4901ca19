"""What an idle WebSocket costs a process and its children, in bytes of memory. They stay open as long as stdin does.

usage: idle.py COUNT TOKEN_FILE PID unix SOCKET | tls PORT CERTIFICATE
"""
import resource
import select
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


def alive(connection):
	connection.setblocking(False)
	try:
		return connection.recv(4096) != b""
	except (ssl.SSLWantReadError, BlockingIOError):
		return True


def answer_pings(epoll, sockets):
	"""A client that does not is given up."""
	for number, _ in epoll.poll(0):
		if b"\x89\x00" in sockets[number].recv(4096):
			sockets[number].sendall(b"\x8a\x80\0\0\0\0")


def main():
	count, token_file, pid, kind, address = int(sys.argv[1]), *sys.argv[2:6]
	_, most = resource.getrlimit(resource.RLIMIT_NOFILE)
	resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
	with open(token_file, encoding="ascii") as file:
		token = file.read().strip()
	context = ssl.create_default_context(cafile=sys.argv[6]) if kind == "tls" else None
	before, sockets, epoll = memory(pid), {}, select.epoll()
	for number in range(count):
		connection = dial(kind, address, context)
		connection.sendall(request(token, number))
		answer = connection.recv(4096)
		if b" 101 " not in answer:
			sys.exit(answer.decode(errors="replace"))
		sockets[connection.fileno()] = connection
		epoll.register(connection, select.EPOLLIN)
		if number % 100 == 0:
			answer_pings(epoll, sockets)
	for _ in range(20):
		answer_pings(epoll, sockets)
		time.sleep(0.1)
	if len(sockets) != count or any(not alive(connection) for connection in sockets.values()):
		sys.exit("sockets were closed")
	print((memory(pid) - before) // count, flush=True)
	while not select.select([sys.stdin], [], [], 1)[0]:
		answer_pings(epoll, sockets)


main()
