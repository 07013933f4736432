import Testing
import Voxtile
import VoxtileFormats
import VoxtileTestSupport

@testable import VoxtileReport

@Suite("Names of labels in a report")
struct LabelNamesTests {
  /// Writes a label map with the labels 1 and 2, and makes the data of its page.
  private func labels(
    in folder: String, table: String? = nil
  ) throws -> [Double: ReportData.LabelVolume] {
    let extent = Extent(width: 12, height: 10, depth: 4)
    let voxels = extent.positions.map { UInt8($0.x < 3 ? 0 : $0.y < 5 ? 1 : 2) }
    if try !fileNames(in: folder).contains("map.nii") {
      try Volume(extent: extent, voxels: voxels).write(to: "\(folder)/map.nii")
    }
    var request = ReportRequest(
      image: "\(folder)/map.nii", grid: try PatchGrid(over: extent, patch: Extent(4), overlap: .voxels(1)))
    request.labelTables = table.map { [$0] } ?? []
    let found = try #require(try ReportData(request).layers[0].labels)
    return Dictionary(uniqueKeysWithValues: found.map { ($0.value, $0) })
  }

  @Test("labels are named by the table that was given, then by one beside the file, and know where they are")
  func names() throws {
    try withTemporaryFolder { folder in
      let unnamed = try labels(in: folder)
      #expect(unnamed[1]?.name == nil && unnamed[0]?.place == nil)
      #expect(unnamed[1]?.place == [7, 2, 1] && unnamed[2]?.place == [7, 7, 1])
      try writeFile(Array("1 beside\n2 other\n".utf8), to: "\(folder)/map.nii.txt")
      #expect(try labels(in: folder)[1]?.name == "beside")
      try writeFile(Array("1 given 10 20 30 0\n".utf8), to: "\(folder)/table")
      let named = try labels(in: folder, table: "\(folder)/table")
      #expect(named[1]?.name == "given" && named[1]?.color == [10, 20, 30])
      #expect(named[2]?.name == "other" && named[2]?.color == nil)
    }
  }

  @Test("a table that is none is an error, with its path")
  func damaged() throws {
    try withTemporaryFolder { folder in
      try writeFile(Array("a note".utf8), to: "\(folder)/table")
      #expect {
        _ = try labels(in: folder, table: "\(folder)/table")
      } throws: { error in
        (error as? VoxtileError)?.code == .malformedFile && "\(error)".contains("table")
      }
    }
  }
}
