// swift-tools-version: 6.3
import PackageDescription

let package = Package(
  name: "voxtile",
  // `InlineArray` needs the runtime of these.
  platforms: [.macOS(.v26), .iOS(.v26)],
  products: [
    .library(name: "Voxtile", targets: ["Voxtile"]),
    .library(name: "VoxtileFormats", targets: ["VoxtileFormats"]),
    .library(name: "VoxtileStore", targets: ["VoxtileStore"]),
    .library(name: "VoxtileInference", targets: ["VoxtileInference"]),
    .library(name: "VoxtileCases", targets: ["VoxtileCases"]),
    .library(name: "VoxtileReport", targets: ["VoxtileReport"]),
    .library(name: "VoxtileViewer", targets: ["VoxtileViewer"]),
    .library(name: "VoxtileCLI", targets: ["VoxtileCLI"]),
    .executable(name: "voxtile", targets: ["VoxtileProgram"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0")
  ],
  targets: [
    // Kernels of the merge for vectors, our own C code: Swift cannot compile a function for instructions that not every
    // processor has.
    .target(name: "CVoxtileKernels"),
    // Geometry, volumes, crop and merge: no C library, no Foundation.
    // Optimised code calls round and sqrt of the C library, which nothing else would link on Linux.
    .target(
      name: "Voxtile", dependencies: ["CVoxtileKernels"],
      linkerSettings: [.linkedLibrary("m", .when(platforms: [.linux]))]),
    // Files to volumes and back.
    .target(name: "VoxtileFormats", dependencies: ["Voxtile", "CISAL", "CSPNG"]),
    // Patches on disk.
    .target(name: "VoxtileStore", dependencies: ["Voxtile", "VoxtileFormats"]),
    // Patches through a network; ONNX Runtime is opened where it is used.
    .target(
      name: "VoxtileInference", dependencies: ["Voxtile", "CONNXRuntime"],
      linkerSettings: [.linkedLibrary("dl", .when(platforms: [.linux]))]),
    // Many scans: which they are, what was done with each, and what came of it.
    .target(name: "VoxtileCases", dependencies: ["Voxtile", "VoxtileFormats", "VoxtileStore"]),
    // A page that shows a grid and a merge. Its parts become bytes of the program, which stays one file.
    .target(
      name: "VoxtileReport", dependencies: ["Voxtile", "VoxtileFormats", "VoxtileStore", "VoxtileCases"],
      resources: [.embedInCode("Page")]),
    // The page served to a browser of this machine, with slices as fine as the files.
    .target(name: "VoxtileViewer", dependencies: ["Voxtile", "VoxtileFormats", "VoxtileReport"]),
    // The commands, as a library: the executable and the Python package run the same ones.
    .target(
      name: "VoxtileCLI",
      dependencies: [
        "Voxtile", "VoxtileFormats", "VoxtileStore", "VoxtileInference", "VoxtileCases", "VoxtileReport",
        "VoxtileViewer", "CMalloc",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]
    ),
    .executableTarget(name: "VoxtileProgram", dependencies: ["VoxtileCLI"]),

    // The pictures and the code of the guides.
    .executableTarget(
      name: "BorderPictures", dependencies: ["Voxtile"], path: "Examples/BorderPictures"),
    .executableTarget(
      name: "GuideExamples",
      dependencies: [
        "Voxtile", "VoxtileFormats", "VoxtileStore", "VoxtileInference", "VoxtileCases", "VoxtileReport",
        "VoxtileViewer",
      ],
      path: "Examples/GuideExamples"),

    .systemLibrary(name: "CMalloc"),
    .systemLibrary(name: "CONNXRuntime"),
    .systemLibrary(
      name: "CISAL", pkgConfig: "libisal",
      providers: [.apt(["libisal-dev"]), .brew(["isa-l"])]),
    .systemLibrary(
      name: "CSPNG", pkgConfig: "spng",
      providers: [.apt(["libspng-dev"]), .brew(["libspng"])]),

    // Slow, obvious references, enumerators and contracts that every test target may use.
    .target(
      name: "VoxtileTestSupport", dependencies: ["Voxtile", "VoxtileFormats"],
      path: "Tests/VoxtileTestSupport"),
    .testTarget(
      name: "VoxtileTests", dependencies: ["Voxtile", "VoxtileTestSupport"], exclude: ["Fixtures"]),
    .testTarget(
      name: "GuideTests", dependencies: ["BorderPictures", "GuideExamples", "VoxtileStore"]),
    .testTarget(
      name: "VoxtileFormatsTests", dependencies: ["Voxtile", "VoxtileFormats", "VoxtileTestSupport"],
      exclude: ["Fixtures"]),
    .testTarget(
      name: "VoxtileStoreTests",
      dependencies: ["Voxtile", "VoxtileFormats", "VoxtileStore", "VoxtileTestSupport"],
      exclude: ["Fixtures"]),
    .testTarget(
      name: "VoxtileCasesTests",
      dependencies: ["Voxtile", "VoxtileFormats", "VoxtileStore", "VoxtileCases", "VoxtileTestSupport"]),
    .testTarget(
      name: "VoxtileInferenceTests",
      dependencies: [
        "Voxtile", "VoxtileFormats", "VoxtileInference", "VoxtileTestSupport", "CONNXRuntime",
      ],
      exclude: ["Fixtures"]),
    .testTarget(
      name: "VoxtileReportTests",
      dependencies: [
        "Voxtile", "VoxtileFormats", "VoxtileStore", "VoxtileCases", "VoxtileReport", "VoxtileTestSupport",
      ]),
    .testTarget(
      name: "VoxtileViewerTests",
      dependencies: ["Voxtile", "VoxtileFormats", "VoxtileReport", "VoxtileViewer", "VoxtileTestSupport"]),
    // Runs the program, which is built because of the dependency.
    .testTarget(
      name: "VoxtileCLITests",
      dependencies: [
        "Voxtile", "VoxtileFormats", "VoxtileStore", "VoxtileInference", "VoxtileCases", "VoxtileCLI",
        "VoxtileProgram", "VoxtileTestSupport",
      ]),
  ],
  swiftLanguageModes: [.v6]
)

// Tests of a release build test optimized libraries; optimizing the tests, too, takes minutes.
for target in package.targets where target.type == .test {
  target.swiftSettings = [.unsafeFlags(["-Onone"], .when(configuration: .release))]
}
