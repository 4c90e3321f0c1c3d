/// The version of every program of the product, as `--version` and `GET /v2` say it: major.minor.patch (semver.org).
public let productVersion = "0.1.0"
