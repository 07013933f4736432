import Testing
import Voxtile
import VoxtileFormats
import VoxtileReport

@testable import VoxtileViewer

@Suite("ServedReport")
struct ServedReportTests {
  @Test("channels, merged images and differences have slices; exact pictures have none")
  func layers() throws {
    let folder = try Folder()
    let (image, merged) = (try noise(seed: 1, channels: 2), try noise(seed: 2, channels: 2))
    try image.write(to: "\(folder.path)/a.nii")
    try merged.write(to: "\(folder.path)/m.nii.gz")
    try Volume(
      extent: testExtent, voxels: (0..<testExtent.voxelCount).map { UInt8($0 % 3) }
    ).write(to: "\(folder.path)/labels.nii")
    var request = try smallRequest(folder.path, "a.nii")
    request.merged = "\(folder.path)/m.nii.gz"
    request.overlays = ["\(folder.path)/labels.nii"]
    let report = try ServedReport(request)
    #expect(report.data.layers.map(\.role) == [.base, .base, .base, .base, .overlay, .overlay])
    let differences = zip(expected(image, axis: 1, at: 4), expected(merged, axis: 1, at: 4)).map {
      abs($0 - $1)
    }
    let others = zip(
      expected(image, axis: 1, at: 4, channel: 1), expected(merged, axis: 1, at: 4, channel: 1)
    ).map { abs($0 - $1) }
    let wanted = [
      expected(image, axis: 1, at: 4), expected(image, axis: 1, at: 4, channel: 1),
      expected(merged, axis: 1, at: 4), expected(merged, axis: 1, at: 4, channel: 1),
      zip(differences, others).map(max), expected(try labels(), axis: 1, at: 4),
    ]
    for (layer, wanted) in wanted.enumerated() {
      let bytes = try #require(try report.slice(.init(layer: layer, axis: 1, index: 4)))
      #expect(floats(bytes) == wanted, "layer \(layer)")
    }
    request.pictureVoxels = 100_000
    request.merged = nil
    let exact = try ServedReport(request)
    #expect(exact.data.layers.last?.isExact == true)
    #expect(try exact.slice(.init(layer: exact.data.layers.count - 1, axis: 2, index: 0)) == nil)
  }

  @Test("labels that a 32-bit float cannot represent have no full-resolution slices")
  func largeLabels() throws {
    let folder = try Folder()
    for (name, label) in [("small", Int32(7)), ("large", 16_777_217)] {
      var volume = Volume<Int32>(extent: testExtent, repeating: label)
      volume.voxels[0] = 0
      try volume.write(to: "\(folder.path)/\(name).nii")
      let report = try ServedReport(try smallRequest(folder.path, "\(name).nii"))
      #expect(report.data.layers[0].kind == .labels && !report.data.layers[0].isExact)
      let slice = try report.slice(.init(layer: 0, axis: 2, index: 0))
      #expect((slice == nil) == (name == "large"), "\(name)")
    }
  }

  private func labels() throws -> Volume<Int16> {
    try Volume(extent: testExtent, voxels: (0..<testExtent.voxelCount).map { Int16($0 % 3) })
  }

  @Test("the cache keeps the most recently used slices up to its limit")
  func shelf() throws {
    let shelf = SliceShelf()
    let made = Notes()
    func ask(_ index: Int, bytes: Int) throws {
      let name = ServedReport.SliceName(layer: 0, axis: 0, index: index)
      let slice = try shelf.slice(name) {
        made.add("\(index)")
        return [(name, [UInt8](repeating: UInt8(index), count: bytes))]
      }
      #expect(slice?.count == bytes && slice?.first == UInt8(index))
    }
    let third = SliceShelf.maxBytes / 3
    for index in [0, 1, 2, 0, 3, 0, 2, 1] { try ask(index, bytes: third) }
    #expect(made.all == ["0", "1", "2", "3", "1"])
  }
}
