import Foundation
import Testing
import Voxtile
import VoxtileFormats
import VoxtileTestSupport

@testable import VoxtileReport

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

  /// The content of the script element with an id.
  private func script(_ id: String, in page: String) throws -> Substring {
    let start = try #require(page.range(of: "id=\"\(id)\">"))
    let end = try #require(page.range(of: "</script>", range: start.upperBound..<page.endIndex))
    return page[start.upperBound..<end.lowerBound]
  }

  @Test("names with characters that control or turn the direction of writing show them")
  func controls() throws {
    let name = "a\u{1B}[31m\u{202E}<b>\u{85}\"\\\u{E9}\u{2014}.nii"
    let page = String(decoding: try ReportPage(try data(name)).html(), as: UTF8.self)
    #expect(!page.unicodeScalars.contains { ["\u{1B}", "\u{202E}", "\u{85}"].contains($0) })
    let decoded = try JSONDecoder().decode(ReportData.self, from: Data(try script("data", in: page).utf8))
    #expect(decoded.title.lowercased() == "a\\x1b[31m\\u{202e}<b>\\x85\"\\\u{E9}\u{2014}.nii")
    #expect(page.contains("<title>"))
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

  @Test("file names cannot break out of the script or the title, and are decoded as they are shown elsewhere")
  func escapes() throws {
    let name = "</script><script>alert(1)</script>&<!--\u{2028}{{style}}.nii"
    let page = String(decoding: try ReportPage(try data(name)).html(), as: UTF8.self)
    #expect(!page.contains("<script>alert") && !page.contains("<!--"))
    let json = try script("data", in: page)
    let decoded = try JSONDecoder().decode(ReportData.self, from: Data(json.utf8))
    #expect(decoded.summary.input == name.printable && json.contains("{{style}}"))
  }

  @Test("the page loads nothing from the network, and its security policy forbids it")
  func network() throws {
    let page = String(decoding: try ReportPage(try data()).html(), as: UTF8.self)
    #expect(page.contains("default-src 'none'"))
    let addresses = page.matches(of: /https?:\/\/[^"' )]+/).map { String($0.output) }
    // An XML namespace; nothing is loaded from it.
    #expect(Set(addresses).isSubset(of: ["http://www.w3.org/2000/svg"]))
    #expect(!page.contains("<link rel=\"stylesheet") && !page.contains("src=\""))
  }

  @Test("a number that is not finite is an error instead of a broken page")
  func notFinite() throws {
    var data = try data()
    data.summary.spacing[1] = .infinity
    #expect {
      _ = try ReportPage(data).html()
    } throws: { error in
      (error as? VoxtileError)?.code == .malformedFile
    }
  }

  @Test("an existing page is kept unless it may be replaced")
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
