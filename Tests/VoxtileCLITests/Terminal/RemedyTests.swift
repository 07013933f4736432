import Testing
import Voxtile
import VoxtileFormats
import VoxtileTestSupport

@testable import VoxtileCLI

@Suite("Remedy") struct RemedyTests {
  @Test("the program says what to do in its options, the library in its own words")
  func words() throws {
    try withProgram { program in
      try Volume<UInt8>(extent: Extent(8)).write(to: "\(program.folder)/a.nii")
      let run = try program("plan", "a.nii", "--patch", "96", "--overlap", "0")
      #expect(run.status == 1)
      #expect(run.messages.contains("use --edge pad or --edge partial, or a patch width of at most 8"))
    }
    let error = try #require(throws: VoxtileError.self) {
      try PatchGrid(over: Extent(8), patch: Extent(96), overlap: .voxels(0))
    }
    #expect(
      error.description.hasSuffix("; use the edge policy pad or partial, or a patch width of at most 8"))
  }
}
