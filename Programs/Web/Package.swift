// swift-tools-version: 6.2
import PackageDescription

// A package of its own, so that `make build` neither fetches nor compiles an HTTP server. `make all` builds it.
let settings: [SwiftSetting] = [.enableUpcomingFeature("ExistentialAny")]

// `#embed` looks for the files of Debian's packages where `make web` unpacks them, then where they are installed.
let debian = [
    "--embed-dir=\(Context.packageDirectory)/../../.build/debian/usr/share",
    "--embed-dir=/usr/share",
]

let package = Package(
    name: "vireo-web",
    dependencies: [
        // HTTP/1.1 over SwiftNIO, with limits of headers, connections and idle times.
        .package(
            url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1", traits: [])
    ],
    targets: [
        .target(name: "Embedded", path: "Sources/Embedded", cSettings: [.unsafeFlags(debian)]),
        // Also a target of the main package, which has its tests.
        .target(name: "Requests", path: "Sources/Requests", swiftSettings: settings),
        .executableTarget(
            name: "vireo-web",
            dependencies: [
                "Embedded", "Requests",
                .product(name: "HummingbirdCore", package: "hummingbird"),
            ],
            path: "Sources/Web", swiftSettings: settings),
    ],
    swiftLanguageModes: [.v6], cLanguageStandard: .c2x
)
