import Foundation
import Testing
import Voxtile
import VoxtileFormats
import VoxtileTestSupport

@testable import VoxtileStore

/// The patch folders that version 0.1.0 wrote, with the image that each was cut from.
struct GoldenFolder: Sendable, CustomTestStringConvertible {
  let name: String
  let image: String
  /// Voxels that no patch holds.
  let lostVoxels: Int

  static let all = [
    GoldenFolder(name: "scan", image: "scan.nii.gz", lostVoxels: 0),
    GoldenFolder(name: "photo", image: "photo.png", lostVoxels: 14),
    GoldenFolder(name: "labels", image: "labels.nii", lostVoxels: 0),
  ]

  var testDescription: String { name }
  func path() throws -> String { try Fixture.url("manifest-1/\(name)").path }
  func imagePath() throws -> String { try Fixture.url("manifest-1/\(image)").path }
}

@Suite("Manifest version 1")
struct ManifestTests {
  @Test("a folder that version 0.1.0 wrote is read, verified and merged", arguments: GoldenFolder.all)
  func golden(folder: GoldenFolder) throws {
    let store = try PatchStore(contentsOf: folder.path())
    let report = try store.verify(against: folder.imagePath())
    #expect(report.findings.isEmpty && report.unlistedFiles.isEmpty)
    #expect(report.coverage.lostVoxels == folder.lostVoxels)
    try withTemporaryFolder { temporary in
      let output = "\(temporary)/\(folder.image)"
      let merged = try store.merge(to: output)
      #expect(merged.uncoveredVoxels == folder.lostVoxels)
      let (found, expected) = (try storedValues(output), try storedValues(folder.imagePath()))
      let positions = store.manifest.grid.extent.positions
      for index in expected.indices {
        let isCovered = report.coverage.count(at: positions[index % positions.count]) > 0
        #expect(found[index] == (isCovered ? expected[index] : 0), "value \(index)")
      }
      let (info, original) = (
        try ImageFormats.open(output).info, try ImageFormats.open(folder.imagePath()).info
      )
      #expect(info.metadata == original.metadata && info.scaling == original.scaling)
      #expect(info.isLabelMap == original.isLabelMap)
    }
  }

  @Test("the fields of a version 1 manifest are read unchanged")
  func fields() throws {
    let scan = try PatchStore(contentsOf: GoldenFolder.all[0].path()).manifest
    #expect(scan.source.name == "scan.nii.gz" && scan.fileExtension == "nii.gz")
    #expect(scan.source.extent == Extent(width: 7, height: 6, depth: 5))
    #expect(scan.source.scalarType == .int16 && scan.source.channels == 1 && !scan.source.isLabelMap)
    #expect(scan.source.scaling == VolumeInfo.Scaling(slope: 0.5, intercept: -10))
    #expect(scan.source.metadata.affine == TestImage.affine)
    #expect(scan.source.metadata.header?.format == "nifti")
    let settings = scan.grid.settings
    #expect(settings.patch == Extent(width: 4, height: 4, depth: 3) && settings.padding == .reflect)
    #expect(settings.overlap == PerAxis(x: .voxels(1), y: .voxels(0), z: .voxels(1)))
    #expect(settings.edge == PerAxis(x: .shift, y: .pad(.both), z: .partial) && settings.order == .xFastest)
    #expect(scan.entries[6].file == "patch_0006_x000_y003_z002.nii.gz")
    #expect(scan.grid[6].region == Region(x: 0..<4, y: 3..<7, z: 2..<5))
    let photo = try PatchStore(contentsOf: GoldenFolder.all[1].path()).manifest
    #expect(photo.grid.settings.order == .zFastest && photo.source.channels == 3)
    let labels = try PatchStore(contentsOf: GoldenFolder.all[2].path()).manifest
    #expect(labels.grid.settings.padding == .constant(3.5) && labels.source.isLabelMap)
  }

  @Test("what is written is read again, for every policy, padding and order")
  func roundTrip() throws {
    let paddings = [Padding.constant(0), .constant(-1024.5), .edge, .reflect, .symmetric, .wrap]
    for (edge, padding) in zip(EdgePolicy.allCases, paddings) {
      for order in PatchOrder.allCases {
        let grid = try PatchGrid(
          over: Extent(width: 9, height: 8, depth: 7), patch: Extent(width: 4, height: 5, depth: 1),
          overlap: .fraction(0.5), edge: edge, padding: padding, order: order)
        let info = TestImage(grid.extent, channels: 2, .uint64).info
        let manifest = Manifest(
          source: Manifest.Source(name: "näme \"1\".nii", info: info), grid: grid, fileExtension: "nii",
          entries: grid.map { Manifest.Entry(file: "p\($0.index)", checksum: Checksum(UInt32($0.index))) })
        let read = try Manifest(json: manifest.json())
        #expect(read.source == manifest.source && read.entries == manifest.entries)
        #expect(Array(read.grid) == Array(grid), "\(edge) \(padding) \(order)")
      }
    }
  }

  @Test("fields that a later program adds are skipped")
  func unknownFields() throws {
    let path = try GoldenFolder.all[0].path() + "/" + Manifest.fileName
    let text = String(decoding: try fileBytes(path), as: UTF8.self)
    let more = text.replacing(
      "\"version\" : 1", with: "\"tool\" : {\"name\" : [1, null]}, \"version\" : 1")
    #expect(more != text)
    #expect(try Manifest(json: Data(more.utf8)).entries.count == 8)
  }

  @Test("a manifest with numbers that JSON does not have is an error in plain words")
  func notFinite() throws {
    let grid = try PatchGrid(over: Extent(2), patch: Extent(2), overlap: .voxels(0))
    let affine = Affine(spacing: PerAxis(Double.infinity))
    let manifest = Manifest(
      source: Manifest.Source(name: "a", info: TestImage(Extent(2), .uint8, affine: affine).info), grid: grid,
      fileExtension: "nii", entries: [Manifest.Entry(file: "p", checksum: Checksum(0))])
    let error = #expect(throws: VoxtileError.self) { try manifest.json() }
    #expect(error?.message.contains("finite") == true)
  }
}
