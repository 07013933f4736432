// swift-tools-version: 6.3
import PackageDescription

// The library of the Python package: C functions, with all of Swift linked in. A package of its own, since only a root
// package may say so to the linker.
let package = Package(
  name: "voxtile-python",
  platforms: [.macOS(.v26)],
  products: [.library(name: "VoxtilePython", type: .dynamic, targets: ["VoxtilePython"])],
  dependencies: [.package(name: "voxtile", path: "..")],
  targets: [
    .target(
      name: "VoxtilePython",
      dependencies: [.product(name: "Voxtile", package: "voxtile")],
      path: "Sources/VoxtilePython",
      linkerSettings: [
        // What is missing is said by the linker, not when Python loads the library; nobody needs names but those of C.
        .unsafeFlags([
          "-static-stdlib", "-Xlinker", "-z", "-Xlinker", "defs", "-Xlinker", "--gc-sections", "-Xlinker",
          "--exclude-libs=ALL",
          "-Xlinker", "-s",
        ])
      ])
  ],
  swiftLanguageModes: [.v6]
)
