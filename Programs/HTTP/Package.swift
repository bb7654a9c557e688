// swift-tools-version: 6.1
import PackageDescription

// A package of its own, so that `make build` neither fetches nor compiles an HTTP client. `make all` builds it.
let package = Package(
    name: "vireo-http",
    dependencies: [
        // HTTP connections with pools, TLS and time limits.
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0")
    ],
    targets: [
        .executableTarget(
            name: "vireo-http",
            dependencies: [.product(name: "AsyncHTTPClient", package: "async-http-client")],
            path: "Sources", swiftSettings: [.enableUpcomingFeature("ExistentialAny")])
    ],
    swiftLanguageModes: [.v6]
)
