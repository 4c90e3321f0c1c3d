// The operator API: what `control.sock` and `kaizenctl --json` say. Keys are these names in snake_case; every answer
// carries `"schema": 1`. Fractions are 0...1, times RFC 3339 UTC; an absent value means "not known", never 0.

/// The version of every message here; raised when a key changes its meaning or goes away.
public let operatorSchema = 1
