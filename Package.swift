// swift-tools-version: 6.2
import PackageDescription

let settings: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
  .treatAllWarnings(as: .error),
]

// Debug builds optimize what tests run millions of times; JOBDECK_UNOPTIMIZED=1 leaves it to the debugger.
let optimized: [SwiftSetting] =
  settings
  + (Context.environment["JOBDECK_UNOPTIMIZED"] == nil
    ? [.unsafeFlags(["-O"], .when(configuration: .debug))] : [])

let yams: Target.Dependency = .product(name: "Yams", package: "Yams")
let grdb: Target.Dependency = .product(name: "GRDB", package: "GRDB.swift")
let argumentParser: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")
let collections: Target.Dependency = .product(name: "Collections", package: "swift-collections")
let asyncAlgorithms: Target.Dependency = .product(name: "AsyncAlgorithms", package: "swift-async-algorithms")
let httpTypes: Target.Dependency = .product(name: "HTTPTypes", package: "swift-http-types")
let hummingbirdCore: Target.Dependency = .product(name: "HummingbirdCore", package: "hummingbird")
let hummingbird: Target.Dependency = .product(name: "Hummingbird", package: "hummingbird")
let nio: Target.Dependency = .product(name: "NIOCore", package: "swift-nio")
let httpClient: Target.Dependency = .product(name: "AsyncHTTPClient", package: "async-http-client")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")

let package = Package(
  name: "jobdeck",
  platforms: [.macOS(.v15)],
  products: [.executable(name: "jobdeck", targets: ["jobdeck"])],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-async-algorithms", from: "1.1.4"),
    .package(url: "https://github.com/apple/swift-asn1", from: "1.0.0"),
    .package(url: "https://github.com/apple/swift-certificates", from: "1.21.1"),
    .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    .package(url: "https://github.com/apple/swift-http-types", from: "1.0.0"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
  ],
  targets: [
    .target(
      name: "CNcurses",
      linkerSettings: [.linkedLibrary("ncursesw"), .linkedLibrary("tinfo")]),
    .target(name: "CLinux"),
    .target(name: "Threading", dependencies: ["CLinux"], swiftSettings: settings),
    .target(name: "KubeModel", dependencies: [yams], swiftSettings: optimized),
    .target(name: "ControlPlane", dependencies: ["KubeModel", collections], swiftSettings: optimized),
    .target(
      name: "Executor", dependencies: ["KubeModel", "CLinux", "Threading", collections], swiftSettings: settings),
    .target(
      name: "Cluster", dependencies: ["KubeModel", "ControlPlane", "Executor", "Threading", grdb, logging],
      swiftSettings: settings),
    .target(
      name: "APIServer",
      dependencies: [
        "Cluster", "KubeModel", "Threading", hummingbird, hummingbirdCore, httpTypes, nio, logging,
      ],
      swiftSettings: settings),
    .target(
      name: "APIServerTLS",
      dependencies: [
        "APIServer", hummingbirdCore, nio,
        .product(name: "HummingbirdTLS", package: "hummingbird"),
        .product(name: "NIOSSL", package: "swift-nio-ssl"),
        .product(name: "X509", package: "swift-certificates"),
        .product(name: "Crypto", package: "swift-crypto"),
        .product(name: "SwiftASN1", package: "swift-asn1"),
      ],
      swiftSettings: settings),
    .target(name: "Terminal", dependencies: ["CNcurses", "CLinux", "Threading"], swiftSettings: optimized),
    .target(
      name: "RemoteCluster",
      dependencies: [
        "Cluster", "KubeModel", "Threading", httpClient, asyncAlgorithms, nio,
        .product(name: "NIOHTTP1", package: "swift-nio"),
      ],
      swiftSettings: settings),
    .target(
      name: "Dashboard", dependencies: ["Terminal", "Cluster", "KubeModel", "Threading", collections],
      swiftSettings: optimized),
    .executableTarget(
      name: "jobdeck",
      dependencies: [
        "APIServer", "APIServerTLS", "RemoteCluster", "Dashboard", "Terminal", "Cluster", "Executor", "ControlPlane",
        "KubeModel",
        "CLinux", "Threading",
        argumentParser, logging,
      ],
      resources: [.embedInCode("Resources/demo.yaml")],
      swiftSettings: settings),
    .executableTarget(
      name: "benchmarks",
      dependencies: ["APIServer", "RemoteCluster", "Dashboard", "Terminal", "Cluster", "ControlPlane", "KubeModel"],
      path: "Benchmarks", exclude: ["baseline.md"],
      swiftSettings: settings),

    .testTarget(
      name: "KubeModelTests", dependencies: ["KubeModel"], resources: [.copy("Fixtures")], swiftSettings: settings),
    // What tests of the control plane and of the program have in common.
    .target(name: "Comparing", dependencies: ["KubeModel"], path: "Tests/Comparing", swiftSettings: settings),
    .testTarget(
      name: "ControlPlaneTests", dependencies: ["Comparing", "ControlPlane", "Executor", "KubeModel"],
      resources: [.copy("Fixtures")], swiftSettings: settings),
    .testTarget(
      name: "ExecutorTests", dependencies: ["Executor", "KubeModel", "Threading"], swiftSettings: settings),
    .testTarget(
      name: "ClusterTests", dependencies: ["Cluster", "ControlPlane", "KubeModel", "Threading", grdb],
      swiftSettings: settings),
    .testTarget(
      name: "APIServerTests",
      dependencies: [
        "APIServer", "Cluster", "KubeModel", hummingbirdCore, nio, logging,
        .product(name: "NIOEmbedded", package: "swift-nio"),
      ],
      swiftSettings: settings),
    .testTarget(
      name: "RemoteClusterTests", dependencies: ["RemoteCluster", "APIServer", "Cluster", "KubeModel", nio],
      swiftSettings: settings),
    .testTarget(name: "TerminalTests", dependencies: ["Terminal"], swiftSettings: settings),
    .testTarget(
      name: "DashboardTests", dependencies: ["Dashboard", "Terminal", "Cluster", "KubeModel"], exclude: ["Golden"],
      swiftSettings: settings),
    .testTarget(
      name: "EndToEnd", dependencies: ["Comparing", "jobdeck", "KubeModel"],
      exclude: ["Support/client.py", "Support/forgetful.py"],
      swiftSettings: settings),
  ]
)
