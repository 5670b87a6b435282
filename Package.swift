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

let yams: Target.Dependency = .product(name: "Yams", package: "Yams")
let grdb: Target.Dependency = .product(name: "GRDB", package: "GRDB.swift")
let argumentParser: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")
let collections: Target.Dependency = .product(name: "Collections", package: "swift-collections")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")

let package = Package(
  name: "jobdeck",
  platforms: [.macOS(.v15)],
  products: [.executable(name: "jobdeck", targets: ["jobdeck"])],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
  ],
  targets: [
    .target(
      name: "CNcurses",
      linkerSettings: [.linkedLibrary("ncursesw"), .linkedLibrary("tinfo")]),
    .target(name: "CSystem"),
    .target(name: "Threading", dependencies: ["CSystem"], swiftSettings: settings),
    .target(name: "KubeModel", dependencies: [yams], swiftSettings: settings),
    .target(name: "ControlPlane", dependencies: ["KubeModel", collections], swiftSettings: settings),
    .target(
      name: "Executor", dependencies: ["KubeModel", "CSystem", "Threading", collections], swiftSettings: settings),
    .target(
      name: "Cluster", dependencies: ["KubeModel", "ControlPlane", "Executor", "Threading", grdb, logging],
      swiftSettings: settings),
    .target(name: "Terminal", dependencies: ["CNcurses", "CSystem", "Threading"], swiftSettings: settings),
    .target(
      name: "Dashboard", dependencies: ["Terminal", "Cluster", "KubeModel", "Threading"], swiftSettings: settings),
    .executableTarget(
      name: "jobdeck",
      dependencies: [
        "Dashboard", "Terminal", "Cluster", "Executor", "ControlPlane", "KubeModel", "CSystem", "Threading",
        argumentParser, logging,
      ],
      resources: [.embedInCode("Resources/demo.yaml")],
      swiftSettings: settings),
    .executableTarget(
      name: "benchmarks",
      dependencies: ["Dashboard", "Terminal", "Cluster", "ControlPlane", "KubeModel"],
      path: "Benchmarks", exclude: ["baseline.md"],
      swiftSettings: settings),

    .testTarget(
      name: "KubeModelTests", dependencies: ["KubeModel"], resources: [.copy("Fixtures")], swiftSettings: settings),
    .testTarget(
      name: "ControlPlaneTests", dependencies: ["ControlPlane", "Executor", "KubeModel"],
      resources: [.copy("Fixtures")], swiftSettings: settings),
    .testTarget(
      name: "ExecutorTests", dependencies: ["Executor", "KubeModel", "Threading"], swiftSettings: settings),
    .testTarget(
      name: "ClusterTests", dependencies: ["Cluster", "ControlPlane", "KubeModel", "Threading", grdb],
      swiftSettings: settings),
    .testTarget(name: "TerminalTests", dependencies: ["Terminal"], swiftSettings: settings),
    .testTarget(
      name: "DashboardTests", dependencies: ["Dashboard", "Terminal", "Cluster", "KubeModel"], exclude: ["Golden"],
      swiftSettings: settings),
    .testTarget(name: "EndToEnd", dependencies: ["jobdeck"], swiftSettings: settings),
  ]
)
