import Foundation
import Testing
import Voxtile
import VoxtileTestSupport

@testable import VoxtileFormats

@Suite(
  "Zarr stores of other programs", .enabled(if: ZarrTestFiles.hasLibraries, "needs libzstd and libblosc"))
struct ZarrReaderTests {
  @Test("stores of each kind are read to the bit, whole and in boxes")
  func fixtures() throws {
    let folder = try ZarrTestFiles.fixtures
    let all = try ZarrTestFiles.expected(in: folder)
    #expect(all.count == 9)
    for expected in all { try ZarrTestFiles.check(expected, in: folder, boxes: 40) }
  }

  @Test(
    "zarr-python's stores of every type, byte order, codec, key, order of axes and place are read to the bit",
    .enabled(if: ZarrTestFiles.python != nil, "needs a Python with zarr 3"))
  func all() throws {
    let python = try #require(ZarrTestFiles.python)
    let script = try Fixture.url("make_zarr_fixtures.py").path
    try withTemporaryFolder { folder in
      let seed = UInt32.random(in: 0 ... .max)
      _ = try OtherProgram.output(of: python, ["-W", "ignore", script, folder, "--all", "\(seed)"])
      let all = try ZarrTestFiles.expected(in: folder)
      #expect(all.count > 250, "seed \(seed)")
      for expected in all {
        do {
          try ZarrTestFiles.check(expected, in: folder)
        } catch {
          Issue.record("\(expected.name), seed \(seed): \(error)")
        }
      }
    }
  }
}
