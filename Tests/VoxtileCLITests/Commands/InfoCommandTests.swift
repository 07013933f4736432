import Testing
import Voxtile
import VoxtileTestSupport

@Suite("voxtile info")
struct InfoCommandTests {
  private struct Info: Decodable {
    let file: String
    let extent: [Int]
    let channels: Int
    let scalarType: String
    let spacing: [Double]
    let affine: [[Double]]
    let orientation: String
    let bytes: Int
    let details: [String: String]
  }

  @Test("several files are described, as text and as JSON")
  func several() throws {
    try withProgram { program in
      try program.makeImage("a.nii.gz", Extent(width: 5, height: 4, depth: 3))
      try program.makeImage("b.png", Extent(width: 8, height: 2), channels: 3, as: UInt8.self, limit: 255)
      let text = try program("info", "a.nii.gz", "b.png")
      #expect(text.status == 0 && text.messages.isEmpty)
      for words in [
        "a.nii.gz\n", "\n\nb.png\n", "5x4x3 voxels", "int16", "2 x 1.5 x 2.5 mm", "LAS",
        "8x2 pixels, 3 channels",
      ] {
        #expect(text.output.contains(words), "\(words)")
      }
      let infos = try program("info", "a.nii.gz", "b.png", "--json").json([Info].self)
      #expect(infos.map(\.file) == ["a.nii.gz", "b.png"] && infos.map(\.channels) == [1, 3])
      #expect(infos.map(\.extent) == [[5, 4, 3], [8, 2, 1]] && infos.map(\.bytes) == [120, 48])
      #expect(infos.map(\.scalarType) == ["int16", "uint8"] && infos[0].spacing == [2, 1.5, 2.5])
      #expect(infos[0].affine == [[-2, 0, 0, 10], [0, 1.5, 0, -20], [0, 0, 2.5, 30]])
      #expect(infos[0].orientation == "LAS" && infos[0].details["version"] == "NIfTI-1, single file")
    }
  }

  @Test("files that cannot be read are named, and the others are still described")
  func unreadable() throws {
    try withProgram { program in
      try program.makeImage("a.nii", Extent(2))
      try writeFile([1, 2, 3], to: program.path("b.nii"))
      let run = try program("info", "none.nii", "a.nii", "b.nii", "--json")
      #expect(run.status == 1)
      #expect(try run.json([Info].self).map(\.file) == ["a.nii"])
      #expect(run.messages.contains("Error: none.nii: cannot be opened"))
      #expect(run.messages.contains("Error: b.nii: is not an image"))
    }
  }
}
