import Testing
import Voxtile
import VoxtileFormats

@testable import VoxtileReport

@Suite("PictureBudget")
struct PictureBudgetTests {
  @Test("pictures are shrunk until they fit the budget", arguments: [200_000, 20_000, 2000, 1])
  func limit(bytes: Int) throws {
    let extent = Extent(width: 90, height: 80, depth: 70)
    let grid = try PatchGrid(over: extent, patch: Extent(32), overlap: .voxels(8))
    var request = ReportRequest(image: "noise", grid: grid)
    request.pictureBytes = bytes
    let reader = NoiseReader(info: VolumeInfo(extent: extent, scalarType: .uint8))
    let layer = try #require(try ReportData(request) { _ in reader }.layers.first)
    let size = layer.bytes.gzipped().count * 4 / 3
    // Even an empty gzip file needs some bytes.
    #expect(size <= max(bytes, 60))
    if bytes > 10_000 { #expect(size > bytes / 2) }
    #expect(layer.bytes.count == layer.extent.reduce(1, *))
    // The aspect ratio is kept.
    let ratio = Double(layer.extent[0]) / Double(layer.extent[2])
    if bytes > 10_000 { #expect(abs(ratio - 90.0 / 70) < 0.1) }
  }
}
