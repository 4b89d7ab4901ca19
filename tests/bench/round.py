"""One round: wrk against one contender, and what every server spent meanwhile.

usage: round.py CASE CONTENDER ROUND PID_FILE... -- COMMAND...
Prints a line of JSON; fails when any request did.
"""
import json
import os
import subprocess
import sys

from processes import below, cpu_by_program


def main():
	split = sys.argv.index("--")
	case, contender, number, *pid_files = sys.argv[1:split]
	before = below(pid_files)
	client = sum(os.times()[2:4])
	wrk = subprocess.run(sys.argv[split + 1:], stdout=subprocess.PIPE, text=True, check=False)
	client = sum(os.times()[2:4]) - client
	spent = cpu_by_program(before, below(pid_files))
	lines = wrk.stdout.splitlines()
	if wrk.returncode != 0 or not lines or not lines[-1].startswith("{"):
		sys.exit(f"{case} {contender}: wrk failed:\n{wrk.stdout}")
	result = json.loads(lines[-1])
	if result["failed"] or not result["requests"] or "Non-2xx" in wrk.stdout:
		sys.exit(f"{case} {contender}: requests failed:\n{wrk.stdout}")
	requests = result["requests"]
	result.update(case=case, contender=contender, round=int(number), rate=requests / result["seconds"])
	result["cpu_us"] = {program: us / requests for program, us in spent.items() if us / requests >= 0.05}
	result["client_cpu_us"] = client * 1e6 / requests
	print(json.dumps(result))
	print(f"  {case} round {number}: {contender:16} {result['rate']:9,.0f}/s"
		f"  p99 {result['p99_ms']:7.2f} ms", file=sys.stderr)


main()
