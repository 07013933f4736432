import Foundation
import Testing
import Voxtile
import VoxtileFormats
import VoxtileTestSupport

@testable import VoxtileStore

@Suite("Verify: what version 2 says, and lengths")
struct VerifyVersion2Tests {
  /// Cuts an image, and writes its patches and its manifest anew as a program would that turns them and changes values.
  private func changedFolder(in folder: String, axes: FileAxes, values: ValueMap) throws -> PatchStore {
    let image = TestImage(
      Extent(width: 7, height: 6, depth: 5), .int16, scaling: .init(slope: 0.5, intercept: -3))
    try image.write(to: "\(folder)/a.nii")
    let store = try PatchStore.crop(
      "\(folder)/a.nii", into: "\(folder)/p", settings: .with(Extent(width: 4, height: 3, depth: 5), 1))
    var manifest = store.manifest
    manifest.values = values
    for patch in manifest.grid {
      let path = store.path(of: patch)
      func write(_ volume: some AnyVolume) throws {
        let stored = axes.turned(volume.typed)
        try FileManager.default.removeItem(atPath: path)
        try TestImage(stored.extent, values.scalarType, affine: stored.metadata.affine).write(
          stored, to: path)
      }
      let box = try ImageFormats.open(path).readAny()
      try write(values.stored(box, sourceScaling: manifest.source.scaling))
      manifest.entries[patch.index].axes = axes
      manifest.entries[patch.index].checksum = try Checksum(ofFile: path)
    }
    try manifest.json().write(to: URL(filePath: "\(folder)/p/\(Manifest.fileName)"))
    return try PatchStore(contentsOf: "\(folder)/p")
  }

  @Test("turned patches of changed values are held against the scan, and merged")
  func changed() throws {
    let axes = try #require(FileAxes(["-y", "z", "x"]))
    let values = ValueMap(
      scalarType: .float32, steps: [[.clip(low: -900, high: 900), .scale(slope: 0.01, intercept: 0.5)]])
    try withTemporaryFolder { folder in
      let store = try changedFolder(in: folder, axes: axes, values: values)
      #expect(try store.verify(against: "\(folder)/a.nii").findings == [])
      // Any other map, and any other turn, is found.
      for (axes, values) in [
        (
          axes,
          ValueMap(
            scalarType: .float32, steps: [[.clip(low: -900, high: 901), .scale(slope: 0.01, intercept: 0.5)]])
        ),
        (try #require(FileAxes(["y", "z", "x"])), values),
      ] {
        var manifest = store.manifest
        manifest.values = values
        for index in manifest.entries.indices { manifest.entries[index].axes = axes }
        let other = PatchStore(folder: store.folder, manifest: manifest)
        #expect(try other.verify(against: "\(folder)/a.nii").findings.contains { $0.kind == .different })
      }
      try store.merge(to: "\(folder)/m.nii", options: .init(blend: .last))
      let scan = try ImageFormats.open("\(folder)/a.nii").readAny()
      func expected(_ scan: some AnyVolume) -> [Double] {
        let stored = values.stored(scan.typed, sourceScaling: store.manifest.source.scaling)
        func numbers(_ volume: some AnyVolume) -> [Double] { volume.typed.voxels.map(\.double) }
        return numbers(stored)
      }
      #expect(try storedValues("\(folder)/m.nii") == expected(scan))
    }
  }

  @Test("a patch file with a huge tail is found at once", arguments: ["nii", "nii.gz", "png"])
  func tail(ending: String) throws {
    try withTemporaryFolder { folder in
      let extent = Extent(width: 8, height: 8)
      try TestImage(extent, .uint8).write(to: "\(folder)/a.\(ending)")
      let store = try PatchStore.crop(
        "\(folder)/a.\(ending)", into: "\(folder)/p", settings: .with(Extent(width: 4, height: 4), 0))
      let path = store.path(of: store.manifest.grid[1])
      let file = try #require(FileHandle(forWritingAtPath: path))
      try file.truncate(atOffset: 1 << 40)
      try file.close()
      let start = ContinuousClock.now
      let findings = try store.verify().findings
      #expect(findings.count == 1 && findings[0].kind == .corrupt && findings[0].patch == 1)
      #expect(findings[0].message.hasPrefix("has \(1 << 40) bytes; the file that was written had at most "))
      #expect(ContinuousClock.now - start < .seconds(5))
    }
  }
}
