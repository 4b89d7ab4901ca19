"""What the processes of a stack cost: CPU time by program, and memory.

usage: processes.py PID_FILE...          prints their PSS in MB: {"value": all, "parts": {program: its}}
       processes.py --peak PID_FILE...   the most that they have within three seconds
"""
import glob
import json
import os
import sys
import time
from collections import defaultdict

TICK_US = 1e6 / os.sysconf("SC_CLK_TCK")


def read(path):
	try:
		with open(path, encoding="utf-8", errors="replace") as file:
			return file.read()
	except OSError:
		return ""


def status(pid):
	"""Program, parent, and CPU time with that of children who ended; None for a process that is gone."""
	text = read(f"/proc/{pid}/stat")
	if not text:
		return None
	fields = text[text.rindex(")") + 2:].split()
	return text[text.index("(") + 1:text.rindex(")")], int(fields[1]), sum(map(int, fields[11:15])) * TICK_US


def below(pid_files):
	"""The processes that the files name, and all their descendants, by number."""
	alive = {int(pid): status(pid) for pid in os.listdir("/proc") if pid.isdigit()}
	alive = {pid: found for pid, found in alive.items() if found}
	children = defaultdict(list)
	for pid, (_, parent, _) in alive.items():
		children[parent].append(pid)
	wanted, found = [], {}
	for pattern in pid_files:
		wanted += [int(read(name).split()[0]) for name in glob.glob(pattern) if read(name).strip()]
	while wanted:
		pid = wanted.pop()
		if pid in alive and pid not in found:
			found[pid] = alive[pid]
			wanted += children[pid]
	return found


def cpu_by_program(before, after):
	"""Microseconds between two looks. Who ended between them, as Postgres' connections do, is in the time of its parent."""
	spent = defaultdict(float)
	for pid, (program, _, time) in before.items():
		if pid not in after:
			spent[program] -= time
	for pid, (program, _, time) in after.items():
		spent[program] += time - (before[pid][2] if pid in before else 0)
	return spent


def memory_by_program(pid_files):
	used = defaultdict(float)
	for pid, (program, _, _) in below(pid_files).items():
		for line in read(f"/proc/{pid}/smaps_rollup").splitlines():
			if line.startswith("Pss:"):
				used[program] += int(line.split()[1]) / 1024
	return used


def peak(pid_files):
	end, most = time.monotonic() + 3, {}
	while time.monotonic() < end:
		most = max(most, memory_by_program(pid_files), key=lambda used: sum(used.values()))
		time.sleep(0.02)
	return most


if __name__ == "__main__":
	if sys.argv[1] == "--peak":
		programs = peak(sys.argv[2:])
	else:
		programs = memory_by_program(sys.argv[1:])
	print(json.dumps({"value": sum(programs.values()), "parts": programs}))
