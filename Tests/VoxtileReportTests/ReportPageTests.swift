import Foundation
import Testing
import Voxtile
import VoxtileFormats
import VoxtileTestSupport

@testable import VoxtileReport

/// An image that is nowhere: noise, made when it is read.
private struct NoiseReader: VolumeReader {
  let info: VolumeInfo
  var isRandomAccess: Bool { true }

  func read(_ region: Region, into destination: UnsafeMutableRawBufferPointer) throws {
    var random = SplitMix64(seed: UInt64(region.origin.z))
    for index in destination.indices { destination[index] = UInt8.random(in: 0...255, using: &random) }
  }
}

@Suite("ReportPage")
struct ReportPageTests {
  private func data(_ name: String = "scan.nii") throws -> ReportData {
    let extent = Extent(40)
    let grid = try PatchGrid(over: extent, patch: Extent(16), overlap: .voxels(4))
    var request = ReportRequest(image: name, grid: grid)
    request.pictureBytes = 20_000
    request.origin = ReportData.Origin(command: "voxtile report \(name)", version: "1.2.3")
    let reader = NoiseReader(info: VolumeInfo(extent: extent, scalarType: .int16))
    return try ReportData(request) { _ in reader }
  }

  /// What stands in the script element with an id.
  private func script(_ id: String, in page: String) throws -> Substring {
    let start = try #require(page.range(of: "id=\"\(id)\">"))
    let end = try #require(page.range(of: "</script>", range: start.upperBound..<page.endIndex))
    return page[start.upperBound..<end.lowerBound]
  }

  @Test("the page embeds its data as JSON and its pictures as gzip in base64")
  func embeds() throws {
    let data = try data()
    let page = String(decoding: try ReportPage(data).html(), as: UTF8.self)
    let decoded = try JSONDecoder().decode(ReportData.self, from: Data(try script("data", in: page).utf8))
    #expect(
      decoded.summary.starts == data.summary.starts && decoded.coverage.histogram == data.coverage.histogram)
    #expect(decoded.layers.map(\.extent) == data.layers.map(\.extent))
    let packed = try #require(Data(base64Encoded: String(try script("layer-0", in: page))))
    #expect([UInt8](packed) == data.layers[0].bytes.gzipped())
    #expect(["title", "style", "data", "pictures", "script"].allSatisfy { !page.contains("{{\($0)}}") })
  }

  @Test("names cannot end the script or the title, and are found again")
  func escapes() throws {
    let name = "</script><script>alert(1)</script>&<!--\u{2028}{{style}}.nii"
    let page = String(decoding: try ReportPage(try data(name)).html(), as: UTF8.self)
    #expect(!page.contains("<script>alert") && !page.contains("<!--"))
    let json = try script("data", in: page)
    let decoded = try JSONDecoder().decode(ReportData.self, from: Data(json.utf8))
    #expect(decoded.summary.input == name && json.contains("{{style}}"))
  }

  @Test("the page asks nothing of a network, and says so to the browser")
  func network() throws {
    let page = String(decoding: try ReportPage(try data()).html(), as: UTF8.self)
    #expect(page.contains("default-src 'none'"))
    let addresses = page.matches(of: /https?:\/\/[^"' )]+/).map { String($0.output) }
    // A name, not an address that anything is loaded from.
    #expect(Set(addresses).isSubset(of: ["http://www.w3.org/2000/svg"]))
    #expect(!page.contains("<link rel=\"stylesheet") && !page.contains("src=\""))
  }

  @Test("pictures become smaller until the page may hold them", arguments: [200_000, 20_000, 2000, 1])
  func limit(bytes: Int) throws {
    let extent = Extent(width: 90, height: 80, depth: 70)
    let grid = try PatchGrid(over: extent, patch: Extent(32), overlap: .voxels(8))
    var request = ReportRequest(image: "noise", grid: grid)
    request.pictureBytes = bytes
    let reader = NoiseReader(info: VolumeInfo(extent: extent, scalarType: .uint8))
    let layer = try #require(try ReportData(request) { _ in reader }.layers.first)
    let size = layer.bytes.gzipped().count * 4 / 3
    // Gzip itself has some bytes.
    #expect(size <= max(bytes, 60))
    if bytes > 10_000 { #expect(size > bytes / 2) }
    #expect(layer.bytes.count == layer.extent.reduce(1, *))
    // A cube of voxels in mm stays one.
    let ratio = Double(layer.extent[0]) / Double(layer.extent[2])
    if bytes > 10_000 { #expect(abs(ratio - 90.0 / 70) < 0.1) }
  }

  @Test("a number that is not finite is an error and not a broken page")
  func notFinite() throws {
    var data = try data()
    data.summary.spacing[1] = .infinity
    #expect {
      _ = try ReportPage(data).html()
    } throws: { error in
      (error as? VoxtileError)?.code == .malformedFile
    }
  }

  @Test("an older page stays unless it may be replaced")
  func replacing() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/page.html"
      try writeFile([1], to: path)
      let page = ReportPage(try data())
      #expect {
        try page.write(to: path)
      } throws: { error in
        (error as? VoxtileError)?.code == .targetExists
      }
      #expect(try fileBytes(path) == [1])
      try page.write(to: path, replacing: true)
      #expect(try fileBytes(path) == page.html() && fileNames(in: folder) == ["page.html"])
    }
  }
}
