import Testing
import Voxtile

@testable import VoxtileFormats

@Suite("NRRD: units")
struct NRRDUnitsTests: NRRDHeaderTests {
  @Test("each axis and each coordinate has its own unit, and one that is not known is noted")
  func unitsOfAxes() throws {
    let none: [(String, String?)] = [
      ("space", nil), ("space directions", nil), ("space origin", nil),
    ]
    let axes = try info(
      none + [
        ("spacings", "500 2 0.3"), ("axis mins", "1000 20 3"), ("centers", "node node node"),
        ("units", "\"um\" \"mm\" \"cm\""),
      ])
    #expect(axes.metadata.spacing == PerAxis(x: 0.5, y: 2, z: 3))
    #expect(axes.metadata.affine.rows.map { $0[3].magnitude } == [1, 20, 30])
    #expect(axes.notes.count == 1 && axes.notes[0].contains("voxels of 0.5 x 2 x 3 mm"), "\(axes.notes)")
    let coordinates = try info([("space units", "\"um\" \"mm\" \"cm\"")])
    let plain = try info([])
    for (row, factor) in zip(0..<3, [1e-3, 1, 10]) {
      for (found, stored) in zip(coordinates.metadata.affine.rows[row], plain.metadata.affine.rows[row]) {
        #expect(abs(found - stored * factor) <= abs(found) * 1e-12)
      }
    }
    var box = coordinates
    box.extent = Extent(2)
    box.metadata = box.metadata.moved(to: Position(x: 1, y: 2, z: 1))
    let again = NRRDHeader(TextHeader(try NRRDHeader.make(for: box) { _ in nil }.0.text.bytes))
    let found = try again.volumeInfo(again.layout()).metadata.affine
    #expect(found.largestDistance(to: box.metadata.affine, over: box.extent) < 1e-9)
    let odd = try info([("space units", "\"parsec\" \"mm\" \"\"")])
    #expect(odd.metadata.affine == plain.metadata.affine)
    #expect(
      odd.notes.count == 1 && odd.notes[0].contains("the unit \"parsec\", which is not known"), "\(odd.notes)"
    )
    let beside = try info([("units", "\"um\" \"um\" \"um\"")])
    #expect(beside.notes.count == 1 && beside.notes[0].contains("no \"space units\""), "\(beside.notes)")
    #expect(try info(none + [("spacings", "1 2 3"), ("units", "\"mm\" \"mm\" \"mm\"")]).notes.isEmpty)
  }

  @Test("spacings in other units that are written anew are in mm, and say so")
  func unitsWrittenAnew() throws {
    var box = try info([
      ("space", nil), ("space directions", nil), ("space origin", nil), ("spacings", "500 500 500"),
      ("units", "\"um\" \"um\" \"um\""),
    ])
    box.extent = Extent(2)
    box.metadata = box.metadata.moved(to: Position(x: 1, y: 1, z: 1))
    let header = try NRRDHeader.make(for: box) { _ in nil }.0
    #expect(header.field("units")?.value == "\"mm\" \"mm\" \"mm\"")
    let again = NRRDHeader(TextHeader(header.text.bytes))
    let found = try again.volumeInfo(again.layout())
    #expect(found.metadata.affine == box.metadata.affine && found.notes.isEmpty, "\(found.notes)")
  }
}
