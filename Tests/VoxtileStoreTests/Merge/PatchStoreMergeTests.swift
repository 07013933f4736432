import Foundation
import Testing
import Voxtile
import VoxtileFormats
import VoxtileTestSupport

@testable import VoxtileStore

@Suite("Merge from files")
struct PatchStoreMergeTests: MergeTests {
  @Test("another scalar type, channel count and format are merged, with the scan's own geometry")
  func otherOutputs() throws {
    try withPatches(of: Self.scan) { store, folder, other in
      try store.transform(into: other.folder, fileExtension: "nii", channels: 3, as: Float.self) {
        old, channel, _ in old / 4 + Double(channel)
      }
      let report = try other.merge(to: "\(folder)/out.nii.gz")
      #expect(report.scalarType == .float32 && report.channels == 3)
      let (info, scan) = (
        try ImageFormats.open("\(folder)/out.nii.gz").info, try ImageFormats.open("\(folder)/in.nii.gz").info
      )
      #expect(info.scalarType == .float32 && info.channels == 3 && info.extent == scan.extent)
      #expect(info.metadata.affine == scan.metadata.affine)
      let expected = (0..<3).flatMap { channel in
        (try? storedValues("\(folder)/in.nii.gz"))?.map { $0 / 4 + Double(channel) } ?? []
      }
      #expect(try storedValues("\(folder)/out.nii.gz") == expected)
    }
  }

  @Test("patches may be pairs of header and image")
  func pairs() throws {
    for ending in ["hdr", "hdr.gz"] {
      try withPatches(of: Self.scan) { store, folder, other in
        try store.transform(into: other.folder, fileExtension: ending, as: UInt8.self) { old, _, _ in old }
        try other.merge(to: "\(folder)/out.nii.gz")
        #expect(try storedBytes("\(folder)/out.nii.gz") == storedBytes("\(folder)/in.nii.gz"))
      }
    }
  }

  @Test("patches with scalings of their own are merged as real values")
  func ownScalings() throws {
    // Patch i stores (real - i) * 2^i.
    func scaling(_ patch: Patch) -> VolumeInfo.Scaling {
      .init(slope: 1 / Double(1 << (patch.index % 3)), intercept: Double(patch.index))
    }
    try withPatches(of: Self.scan) { store, folder, other in
      try store.transform(into: other.folder, as: Int16.self, scaling: scaling) { old, _, patch in
        (old - scaling(patch).intercept) / scaling(patch).slope
      }
      let report = try other.merge(to: "\(folder)/out.nii.gz")
      #expect(report.scalarType == .float32)
      #expect(try ImageFormats.open("\(folder)/out.nii.gz").info.scaling == nil)
      let expected = try storedValues("\(folder)/in.nii.gz")
      #expect(try storedValues("\(folder)/out.nii.gz") == expected)
      try other.merge(to: "\(folder)/typed.nii.gz", options: .init(scalarType: .uint8))
      #expect(try storedValues("\(folder)/typed.nii.gz") == expected)
    }
  }

  @Test("a type asked for gets real values, without the rounding of a smaller one")
  func typeAskedFor() throws {
    let scaling = VolumeInfo.Scaling(slope: 0.1, intercept: -0.7)
    let cases: [(ScalarType, ScalarType)] = [
      (.int16, .float64), (.int32, .float64), (.int32, .float32), (.uint8, .int32), (.int32, .int32),
    ]
    for (stored, asked) in cases {
      let extent = Extent(width: 5, height: 4, depth: 3)
      try withPatches(of: TestImage(extent, stored, scaling: scaling), "nii", .with(Extent(3), 1)) {
        store, folder, _ in
        let report = try store.merge(to: "\(folder)/out.nii", options: .init(scalarType: asked))
        #expect(report.scalarType == asked)
        let info = try ImageFormats.open("\(folder)/out.nii").info
        #expect(info.scaling == nil && info.scalarType == asked)
        let own = try #require(try ImageFormats.open("\(folder)/in.nii").info.scaling)
        let expected = try storedValues("\(folder)/in.nii").map { value -> Double in
          let real = own.slope * value + own.intercept
          switch asked {
          case .float32: return Double(Float(real))
          case .int32: return Double(Int32(nearest: real))
          default: return real
          }
        }
        #expect(try storedValues("\(folder)/out.nii") == expected, "\(stored) to \(asked)")
      }
    }
  }

  @Test("a type without a scaling only converts")
  func plainType() throws {
    try withPatches(of: TestImage(Extent(5), .int16)) { store, folder, _ in
      try store.merge(to: "\(folder)/out.nii.gz", options: .init(scalarType: .uint8))
      let expected = try storedValues("\(folder)/in.nii.gz").map { min(max($0, 0), 255) }
      #expect(try storedValues("\(folder)/out.nii.gz") == expected)
    }
  }

  @Test(
    "files that lie where other patches do are refused, and merged by their names where that is asked for")
  func mixedUp() throws {
    try withPatches(of: Self.scan) { store, folder, _ in
      let paths = [1, 2].map { store.path(of: store.manifest.grid[$0]) }
      let (first, second) = (try fileBytes(paths[0]), try fileBytes(paths[1]))
      try writeFile(second, to: paths[0])
      try writeFile(first, to: paths[1])
      let error = try mergeError(store, folder)
      #expect(error?.code == .shapeMismatch && error?.context.file == paths[0])
      #expect(error?.message.contains("where patch 2 lies, but patch 1 starts at") == true)
      #expect(error?.remedy == .ignorePositions)
      try store.merge(to: "\(folder)/mixed.nii", options: .init(ignoresPositions: true))
      #expect(try storedBytes("\(folder)/mixed.nii") != storedBytes("\(folder)/in.nii.gz"))
    }
  }

  @Test("patches with an identity affine are merged")
  func forgottenPlaces() throws {
    try withPatches(of: Self.scan) { store, folder, other in
      for patch in store.manifest.grid {
        var volume: Volume<UInt8> = try ImageFormats.open(store.path(of: patch)).read()
        volume.metadata = VolumeMetadata()
        try volume.write(to: other.path(of: patch))
      }
      try other.merge(to: "\(folder)/out.nii")
      #expect(try storedBytes("\(folder)/out.nii") == storedBytes("\(folder)/in.nii.gz"))
    }
  }

  @Test("the result and the order of its progress do not depend on the number of threads")
  func jobs() throws {
    try withPatches(of: TestImage(Extent(width: 13, height: 11, depth: 9), .float32)) { store, folder, _ in
      for jobs in [1, 2, 7] {
        try store.merge(
          to: "\(folder)/out\(jobs).nii",
          options: .init(blend: .gaussian, limits: JobLimits(jobs: Jobs(jobs))))
        #expect(try fileBytes("\(folder)/out\(jobs).nii") == fileBytes("\(folder)/out1.nii"))
      }
    }
  }
}
