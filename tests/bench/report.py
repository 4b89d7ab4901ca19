"""Medians, ratios and targets of a run: usage: report.py MEASURED HEADER TARGETS OUT

MEASURED has a line of JSON per round or value, HEADER one of "name: value",
TARGETS one of "what | case | value | over | kind | target" (see run).
Writes OUT.json and OUT.txt and prints the latter.
"""
import json
import sys
from collections import defaultdict
from statistics import median


def load(path):
	rounds, values = defaultdict(lambda: defaultdict(list)), {}
	with open(path, encoding="utf-8") as file:
		for line in map(json.loads, file):
			if "value" in line:
				values[line["case"]] = line
			else:
				rounds[line["case"]][line["contender"]].append(line)
	return rounds, values


def lines(path):
	with open(path, encoding="utf-8") as file:
		return [line.strip() for line in file if line.strip() and not line.startswith("#")]


def summary(found):
	programs = sorted({program for line in found for program in line["cpu_us"]})
	spent = {program: median(line["cpu_us"].get(program, 0) for line in found) for program in programs}
	middle = {key: median(line[key] for line in found) for key in ("rate", "p50_ms", "p99_ms", "client_cpu_us")}
	return {**middle, "cpu_us": spent, "cpu_us_all": sum(spent.values()), "rounds": found}


def reason(ours, theirs, bound):
	"""Both run the machine full, so a rate is a cost: what one request may cost, and what it does."""
	mine, other = summary(ours), summary(theirs)
	may = (other["cpu_us_all"] + other["client_cpu_us"]) / bound - mine["client_cpu_us"]
	most = sorted(mine["cpu_us"].items(), key=lambda item: -item[1])[:3]
	return (f"a request may cost {may:.1f} us of CPU beside wrk's {mine['client_cpu_us']:.1f}, and costs "
		f"{mine['cpu_us_all']:.1f}: " + ", ".join(f"{program} {us:.1f}" for program, us in most))


def verdict(target, rounds, values):
	"""A target's value; None when its part of the bench was not run."""
	what, case, ours, theirs, kind, bound = (part.strip() for part in target.split("|"))
	if kind == "value":
		if case not in values:
			return None
		got = values[case]["value"]
	else:
		of = rounds.get(case, {})
		if ours not in of or theirs not in of:
			return None
		# Neighbours in time are compared, so that a slow minute of the machine cancels out.
		got = median(a[kind] / b[kind] for a, b in zip(of[ours], of[theirs]))
	at_most, bound = bound.startswith("<="), float(bound[2:])
	miss = got / bound - 1 if at_most else 1 - got / bound
	why = reason(of[ours], of[theirs], bound) if miss > 0 and kind == "rate" else None
	return {"what": what, "case": case, "value": got, "target": bound, "at_most": at_most, "met": miss <= 0,
		"missed_by": max(0, miss), "why": why}


def table(rounds, values, targets):
	for case, of in rounds.items():
		yield f"\n{case:21} requests/s   p50 ms   p99 ms   us of CPU a request"
		for name, found in of.items():
			s = summary(found)
			spent = " + ".join(f"{program} {us:.1f}" for program, us in s["cpu_us"].items())
			yield (f"  {name:18} {s['rate']:11,.0f} {s['p50_ms']:8.2f} {s['p99_ms']:8.2f}"
				f"   {s['cpu_us_all']:.1f} = {spent}; wrk {s['client_cpu_us']:.1f}")
	for case, line in values.items():
		parts = ", ".join(f"{name} {part:.1f}" for name, part in line.get("parts", {}).items())
		yield f"\n{case:21} {line['value']:.1f} {line['unit']}" + (f" = {parts}" if parts else "")
	yield ""
	for t in targets:
		said = "met" if t["met"] else f"missed by {t['missed_by']:.0%}"
		yield f"{t['what']:58} {t['value']:7.2f}  {'<=' if t['at_most'] else '>='} {t['target']:<6g} {said}"
		if t["why"]:
			yield f"    {t['why']}"


def main():
	measured, header, wanted, out = sys.argv[1:]
	rounds, values = load(measured)
	head = dict(line.split(": ", 1) for line in lines(header))
	targets = [t for t in (verdict(line, rounds, values) for line in lines(wanted)) if t]
	text = "\n".join([*(f"{name}: {value}" for name, value in head.items()), *table(rounds, values, targets)])
	with open(out + ".json", "w", encoding="utf-8") as file:
		cases = {case: {name: summary(found) for name, found in of.items()} for case, of in rounds.items()}
		json.dump({**head, "cases": cases, "values": values, "targets": targets}, file, indent=1)
	with open(out + ".txt", "w", encoding="utf-8") as file:
		file.write(text + "\n")
	print(text)


main()
