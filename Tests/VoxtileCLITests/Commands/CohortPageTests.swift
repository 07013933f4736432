import Foundation
import Testing
import Voxtile
import VoxtileFormats
import VoxtileTestSupport

@Suite("the page of many scans")
struct CohortPageTests {
  /// Writes a folder of images.
  private func makeScans(_ names: [String], _ program: Program) throws {
    try FileManager.default.createDirectory(
      atPath: program.path("scans"), withIntermediateDirectories: true)
    for name in names {
      try program.makeImage("scans/\(name).nii.gz", Extent(width: 20, height: 16, depth: 9))
    }
  }

  @Test("it is written beside the results, and again when the images are gone")
  func again() throws {
    try withProgram { program in
      try makeScans(["a", "b"], program)
      try writeFile([1, 2, 3], to: program.path("scans/broken.nii.gz"))
      let run = try program("convert", "scans", "out", "--format", "nii")
      #expect(run.status == 1 && run.output.contains("index.html there shows them"), "\(run)")
      for name in ["a", "b"] {
        let info = try program.info("out/.voxtile-thumbnails/\(name).png")
        #expect(max(info.extent.width, info.extent.height) == 96)
      }
      let page = program.path("out/index.html")
      #expect(String(decoding: try fileBytes(page), as: UTF8.self).contains("\"picture\":\""))
      try FileManager.default.removeItem(atPath: program.path("scans"))
      try FileManager.default.removeItem(atPath: page)
      #expect(try program("summary", "out").status == 1)
      let text = String(decoding: try fileBytes(page), as: UTF8.self)
      #expect(text.split(separator: "\"picture\":\"").count == 3 && text.contains("\"broken\""))
    }
  }

  @Test("a part does not write it, and summary does for all parts")
  func parts() throws {
    try withProgram { program in
      try makeScans(["a", "b"], program)
      for part in ["1/2", "2/2"] {
        let run = try program("convert", "scans", "out", "--format", "nii", "--part", part)
        #expect(run.status == 0 && !run.output.contains("index.html"), "\(run)")
      }
      #expect(!FileManager.default.fileExists(atPath: program.path("out/index.html")))
      #expect(try program("summary", "out").status == 0)
      let text = String(decoding: try fileBytes(program.path("out/index.html")), as: UTF8.self)
      #expect(text.split(separator: "\"picture\":\"").count == 3)
    }
  }

  @Test("a scan whose own page would have its name is refused before anything is done")
  func name() throws {
    try withProgram { program in
      try makeScans(["a", "index"], program)
      let run = try program("crop", "scans", "--patch", "8", "-o", "out", "--reports")
      #expect(run.status == 64 && run.messages.contains("--name"), "\(run)")
      #expect(!FileManager.default.fileExists(atPath: program.path("out")))
    }
  }
}
