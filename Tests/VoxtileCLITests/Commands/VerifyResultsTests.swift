import Foundation
import Testing
import Voxtile
import VoxtileFormats
import VoxtileInference
import VoxtileTestSupport

/// Whether the program finds ONNX Runtime.
private let canRun = (try? OnnxRuntime.open()) != nil

/// `voxtile verify` of results: whether they have the bytes that their records name.
@Suite(
  "voxtile verify: results", .enabled(if: canRun, "needs ONNX Runtime, which script/bootstrap installs"))
struct VerifyResultsTests {
  private struct Report: Decodable {
    struct Finding: Decodable {
      var file: String
      var kind: String
      var message: String
    }
    var results: Int
    var isVerified: Bool
    var findings: [Finding]
  }

  private func swapFiles(_ first: String, _ second: String) throws {
    let bytes = try (fileBytes(first), fileBytes(second))
    try #require(bytes.0 != bytes.1)
    try writeFile(bytes.1, to: first)
    try writeFile(bytes.0, to: second)
  }

  @Test("chunks of an image that changed places are found, and nothing else is")
  func chunks() throws {
    try withProgram { program in
      try program.makeStoredScan()
      #expect(try program.inferStored("--chunk", "6", "-o", "b.zarr").status == 0)
      let good = try program("verify", "b.zarr/")
      #expect(good.status == 0 && good.output.contains("1 result, all as written"), "\(good)")
      try swapFiles(program.path("b.zarr/0/c/0/0/0"), program.path("b.zarr/0/c/0/0/1"))
      let swapped = try program("verify", "b.zarr")
      #expect(swapped.status == 1, "\(swapped)")
      #expect(swapped.output.contains("b.zarr: corrupt: is not what was written; SHA-256 is "))
      try swapFiles(program.path("b.zarr/0/c/0/0/0"), program.path("b.zarr/0/c/0/0/1"))
      #expect(try program("verify", "b.zarr").status == 0)
      // Another name for both.
      for ending in ["", ".voxtile.json"] {
        try FileManager.default.moveItem(
          atPath: program.path("b.zarr\(ending)"), toPath: program.path("other.zarr\(ending)"))
      }
      #expect(try program("verify", "other.zarr").status == 0)
    }
  }

  @Test("a folder of results is checked at any depth; what is changed, missing or without a record is named")
  func many() throws {
    try withProgram { program in
      try FileManager.default.createDirectory(
        atPath: program.path("scans/s"), withIntermediateDirectories: true)
      for name in ["one", "two", "three", "four"] {
        try program.makeImage("scans/s/\(name).nii.gz", Extent(width: 9, height: 8, depth: 7))
      }
      let run = try program(
        "infer", "scans", "--recursive", "--patch", "6", "--spacing", "keep", "--model", model("two_classes"),
        "-o", "out")
      #expect(run.status == 0, "\(run)")
      let good = try program("verify", "out", "--json").json(Report.self)
      #expect(good.results == 4 && good.isVerified && good.findings.isEmpty)
      var bytes = try fileBytes(program.path("out/s/one.nii.gz"))
      bytes[bytes.count - 1] ^= 1
      try writeFile(bytes, to: program.path("out/s/one.nii.gz"))
      try FileManager.default.removeItem(atPath: program.path("out/s/two.nii.gz"))
      try writeFile([0x7B], to: program.path("out/s/three.nii.gz.voxtile.json"))
      let run2 = try program("verify", "out", "--json")
      let found = try run2.json(Report.self)
      #expect(run2.status == 1 && !found.isVerified)
      #expect(found.findings.map(\.kind) == ["corrupt", "unreadable", "missing"], "\(found)")
      #expect(found.findings.map(\.file) == ["one", "three", "two"].map { "out/s/\($0).nii.gz" })
      let refused = try program("verify", "out", "--against", "scans/s/one.nii.gz")
      #expect(refused.status == 64 && refused.messages.contains("--against is for patches"), "\(refused)")
      let none = try program("verify", "scans/s/one.nii.gz")
      #expect(none.status == 1 && none.messages.contains("no record beside it"), "\(none)")
    }
  }
}
