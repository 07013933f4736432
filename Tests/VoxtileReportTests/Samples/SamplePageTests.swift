import Foundation
import Testing
import Voxtile
import VoxtileFormats
import VoxtileStore
import VoxtileTestSupport

@testable import VoxtileReport

@Suite("SamplePage")
struct SamplePageTests {
  private func page(_ folder: String, scans: String? = nil) throws -> SamplePage {
    try SamplePage(contentsOf: "\(folder)/set", scans: scans, origin: .init(version: "1.2.3"))
  }

  /// The pixels of a picture in base64.
  private func pixels(_ picture: String?, in folder: String) throws -> (
    extent: Extent, colors: [VolumeInfo.Color]
  ) {
    let png = try #require(picture.flatMap { Data(base64Encoded: $0) })
    try writeFile([UInt8](png), to: "\(folder)/picture.png")
    let reader = try ImageFormats.open("\(folder)/picture.png")
    let palette = try #require(reader.info.palette)
    let indices: [UInt8] = try reader.read().voxels
    return (reader.info.extent, indices.map { palette[Int($0)] })
  }

  @Test("the page holds its style, script and data, and nothing from the network")
  func whole() throws {
    try withTemporaryFolder { folder in
      try TrainingSet.make(in: folder)
      try page(folder).write(to: "\(folder)/page.html")
      let text = String(decoding: try fileBytes("\(folder)/page.html"), as: UTF8.self)
      #expect(["title", "style", "data", "script"].allSatisfy { !text.contains("{{\($0)}}") })
      #expect(text.contains("default-src 'none'") && text.contains("class PatchMap"))
      let addresses = text.matches(of: /https?:\/\/[^"' )]+/).map { String($0.output) }
      #expect(Set(addresses).isSubset(of: ["http://www.w3.org/2000/svg"]))
      #expect(throws: VoxtileError.self) { try page(folder).write(to: "\(folder)/page.html") }
      try page(folder).write(to: "\(folder)/page.html", replacing: true)
    }
  }

  @Test("names cannot break out of the script")
  func escapes() throws {
    try withTemporaryFolder { folder in
      var manifest = try TrainingSet.make(["one"], in: folder)
      manifest.scans[0].name = "</script><script>alert(1)</script>"
      manifest.patches = []
      try writeFile(
        [UInt8](JSONEncoder().encode(manifest)), to: "\(folder)/set/\(SampleManifest.fileName)")
      let text = String(decoding: try page(folder).html(), as: UTF8.self)
      #expect(!text.contains("<script>alert") && text.contains("u003cscript"))
    }
  }

  @Test("a set of files and a list of the same patches have the same pictures")
  func pictures() throws {
    try withTemporaryFolder { folder in
      let manifest = try TrainingSet.make(in: folder)
      let files = try page(folder).data
      #expect(files.hasFiles && files.patches.allSatisfy { $0.picture != nil } && files.remarks.isEmpty)
      #expect(files.scans.allSatisfy { $0.views.count == 3 && $0.views.allSatisfy { $0.picture != nil } })
      for name in ["set", "scans"] { try FileManager.default.removeItem(atPath: "\(folder)/\(name)") }
      try TrainingSet.make(in: folder) { $0.writesPatches = false }
      let listed = try page(folder).data
      #expect(!listed.hasFiles && listed.patches.map(\.picture) == files.patches.map(\.picture))

      // The first patches hold the smallest lesion of the first scan: its slice shows the outline of label 1.
      #expect(manifest.patches[0].reason.kind == "cover")
      let (extent, colors) = try pixels(files.patches[0].picture, in: folder)
      #expect(extent == Extent(width: 96, height: 96))
      #expect(colors.contains(VolumeInfo.Color(ofLabel: 1)))
      let negative = try #require(files.patches.first { $0.kind == "negative" })
      let gray = try pixels(negative.picture, in: folder).colors
      #expect(gray.allSatisfy { $0.red == $0.green && $0.green == $0.blue })
    }
  }

  @Test("scans that are elsewhere or were changed are said, and found where they are")
  func lostScans() throws {
    try withTemporaryFolder { folder in
      try TrainingSet.make(in: folder)
      try FileManager.default.moveItem(atPath: "\(folder)/scans", toPath: "\(folder)/elsewhere")
      let lost = try page(folder).data
      #expect(lost.remarks.count == 1 && lost.remarks[0].contains("The image of one and of 1 more is not"))
      #expect(lost.scans.allSatisfy { $0.views.allSatisfy { $0.picture == nil } })
      #expect(lost.patches.allSatisfy { $0.picture != nil })
      let found = try page(folder, scans: "\(folder)/elsewhere").data
      #expect(found.remarks.isEmpty && found.scans[0].views.allSatisfy { $0.picture != nil })

      try FileManager.default.moveItem(atPath: "\(folder)/elsewhere", toPath: "\(folder)/scans")
      var bytes = try fileBytes("\(folder)/scans/one.nii.gz")
      bytes[8] ^= 4
      try writeFile(bytes, to: "\(folder)/scans/one.nii.gz")
      #expect(try page(folder).data.remarks.first?.hasPrefix("The image of one is not") == true)
    }
  }

  @Test("a file that is missing or damaged is named, and the page is written without its picture")
  func damaged() throws {
    try withTemporaryFolder { folder in
      let manifest = try TrainingSet.make(in: folder)
      #expect(try page(folder).data.findingCount == 0)
      let name = try #require(manifest.patches[2].labels)
      try FileManager.default.removeItem(atPath: "\(folder)/set/\(name)")
      let damaged = try page(folder).data
      #expect(damaged.findingCount == 1 && damaged.findings == ["\(name): missing: the file is missing"])
      #expect(damaged.patches.indices.filter { damaged.patches[$0].picture == nil } == [2])
      try writeFile([1, 2, 3], to: "\(folder)/set/\(name)")
      let unreadable = try page(folder).data
      #expect(
        unreadable.findings.count == 1 && unreadable.findings[0].hasPrefix("\(name): corrupt: checksum"))
      #expect(unreadable.patches[2].picture == nil && unreadable.patches[3].picture != nil)
      try FileManager.default.removeItem(atPath: "\(folder)/set/\(name)")
      try Volume<UInt8>(extent: Extent(2)).write(to: "\(folder)/set/\(name)")
      #expect(try page(folder).data.patches[2].picture == nil)
    }
  }

  @Test("too little memory is an error before anything is read")
  func memory() throws {
    let error = #expect(throws: VoxtileError.self) {
      _ = try SamplePage(
        contentsOf: "/nowhere", limits: JobLimits(memory: 50 << 20), origin: .init(version: "1.2.3"))
    }
    #expect(error?.code == .memoryTooLow)
  }

  @Test("patches with pictures are spread over the whole list")
  func spread() {
    #expect(SamplePictures.spread(240, over: 3) == [0, 1, 2])
    let some = SamplePictures.spread(240, over: 100_000)
    #expect(some.count == 240 && Set(some).count == 240 && some[0] == 0 && some[239] == 99_583)
  }
}
