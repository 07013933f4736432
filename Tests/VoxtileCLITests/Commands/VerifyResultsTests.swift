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
      #expect(swapped.output.contains("b.zarr: corrupt: is not what was written; SHA-256 of b.zarr is "))
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

  @Test(
    "a folder may hold results, predictions and images without a record; a name that does not exist is said")
  func mixed() throws {
    try withProgram { program in
      try program.makeStoredScan()
      try FileManager.default.createDirectory(
        atPath: program.path("all/p"), withIntermediateDirectories: true)
      #expect(try program.inferStored("-o", "all/b.nii.gz").status == 0)
      #expect(
        try program.inferStored("-o", "all/p/q.zarr", "--output-kind", "predictions").status == 0)
      let good = try program("verify", "all")
      #expect(good.status == 0, "\(good)")
      #expect(
        good.output.contains(
          "1 result, all as written, by their SHA-256; predictions of 1 scan, all there and undamaged"),
        "\(good)")
      #expect(try program("verify", "all/p").output.contains("predictions of 1 scan"))
      #expect(try program("verify", "all/p/*.zarr").status == 0)
      try FileManager.default.copyItem(
        atPath: program.path("all/b.nii.gz"), toPath: program.path("all/other.nii.gz"))
      let other = try program("verify", "all")
      #expect(
        other.status == 0
          && other.messages.contains("not checked, since no record says what was written: all/other.nii.gz"),
        "\(other)")
      try FileManager.default.removeItem(atPath: program.path("all/p/q.zarr/predictions/c/3/0/0/0/0"))
      let less = try program("verify", "all")
      #expect(
        less.status == 1 && less.output.contains("all/p/q.zarr: predictions: 1 patch of "), "\(less)")
      for option in ["--against", "--manifest", "--pattern"] {
        let refused = try program("verify", "all/p/q.zarr", option, "x.nii")
        #expect(
          refused.status == 64
            && refused.messages.contains("\(option) is for patches, and all/p/q.zarr holds predictions"),
          "\(refused)")
      }
      let absent = try program("verify", "nothing.nii.gz")
      #expect(absent.status == 1 && absent.messages.contains("does not exist"), "\(absent)")
    }
  }

  @Test("patches that infer has written, with records, are checked against a manifest")
  func predictedPatches() throws {
    try withProgram { program in
      try program.makeImage("a.nii", Extent(width: 9, height: 8, depth: 7))
      #expect(try program("crop", "a.nii", "--patch", "6", "-o", "patches").status == 0)
      let run = try program(
        "infer", "patches/*.nii", "--patch", "6", "--spacing", "keep", "--model", model("two_classes"), "-o",
        "out")
      #expect(run.status == 0, "\(run)")
      let patches = try program("verify", "out", "--manifest", "patches/voxtile.json")
      #expect(patches.status == 0 && patches.output.contains("in the right place"), "\(patches)")
      #expect(try program("verify", "out").output.contains("all as written, by their SHA-256"))
    }
  }
}
