// swift-tools-version: 6.2
import PackageDescription

// The Swift side of script/bench. It is a separate package, so that it is not part of the library.
let package = Package(
  name: "voxtile-benchmarks",
  platforms: [.macOS(.v26)],
  dependencies: [.package(name: "voxtile", path: "..")],
  targets: [
    .executableTarget(
      name: "VoxtileBench", dependencies: [.product(name: "Voxtile", package: "voxtile")])
  ],
  swiftLanguageModes: [.v6]
)
