-- What wrk sends and how it reports: METHOD is the method, and the last line is requests per second, p50 and p99 in
-- milliseconds, bytes per answer and how many answers were errors.
wrk.method = os.getenv("METHOD") or "GET"

function done(summary, latency)
	local failed = summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.status + summary.errors.timeout
	print(string.format("%.0f %.2f %.2f %.0f %d", summary.requests / summary.duration * 1e6, latency:percentile(50) / 1000,
		latency:percentile(99) / 1000, summary.bytes / math.max(summary.requests, 1), failed))
end
