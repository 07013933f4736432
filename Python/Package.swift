// swift-tools-version: 6.3
import PackageDescription

// The library of the Python package: C functions, with all of Swift linked in. A package of its own, since only a root
// package may say so to the linker.
let package = Package(
  name: "voxtile-python",
  platforms: [.macOS(.v26)],
  products: [
    .library(name: "VoxtilePython", type: .dynamic, targets: ["VoxtilePython", "VoxtilePythonFiles"])
  ],
  dependencies: [.package(name: "voxtile", path: "..")],
  targets: [
    // Grids, crop and merge: no C library and no Foundation.
    .target(
      name: "VoxtilePython",
      dependencies: [.product(name: "Voxtile", package: "voxtile")],
      path: "Sources/VoxtilePython"),
    // Files, and the program `voxtile`.
    .target(
      name: "VoxtilePythonFiles",
      dependencies: [
        "VoxtilePython",
        .product(name: "Voxtile", package: "voxtile"),
        .product(name: "VoxtileFormats", package: "voxtile"),
        .product(name: "VoxtileStore", package: "voxtile"),
        .product(name: "VoxtileCLI", package: "voxtile"),
      ],
      path: "Sources/VoxtilePythonFiles",
      linkerSettings: [
        .unsafeFlags(selfContained),
        // What -static-stdlib leaves out of the parts of Foundation.
        .linkedLibrary("FoundationEssentials"), .linkedLibrary("_FoundationCollections"),
        .linkedLibrary("_FoundationCShims"),
      ]),
  ],
  swiftLanguageModes: [.v6]
)

/// All of Swift goes into the library. What is missing is said by the linker, not when Python loads the library; nobody
/// needs names but those of C.
var selfContained: [String] {
  let linker = [
    "-z", "defs", "--gc-sections", "--version-script=\(Context.packageDirectory)/exported.map", "-s",
  ]
  return ["-static-stdlib"] + linker.flatMap { ["-Xlinker", $0] }
}
