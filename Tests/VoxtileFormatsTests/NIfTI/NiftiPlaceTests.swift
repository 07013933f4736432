import Foundation
import Testing
import Voxtile
import VoxtileTestSupport

@testable import VoxtileFormats

/// Where an image lies whose header is doubtful, and what is written of it.
@Suite("NIfTI headers in doubt")
struct NiftiPlaceTests {
  /// Lies as LPS, with voxels of 1 x 2 x 3.
  private static let affine = Affine(rows: [[-1, 0, 0, 10], [0, -2, 0, 20], [0, 0, 3, -30]])

  /// A header of 8x6x4 voxels with an sform and a qform, changed.
  private func header(
    _ extent: Extent = Extent(width: 8, height: 6, depth: 4), rank: Int = 3,
    _ change: (inout NiftiHeader) -> Void = { _ in }
  ) -> NiftiHeader {
    var header = NiftiHeader(version: .one)
    header.set(.dim, to: rank)
    for (index, size) in extent.sizes.all.enumerated() { header.set(.dim, index + 1, to: size) }
    header.set(.datatype, to: NiftiDatatype.int16.rawValue)
    header.set(.bitpix, to: 16)
    header.set(.units, to: 10)
    header.setGeometry(Self.affine)
    change(&header)
    return header
  }

  private func info(_ header: NiftiHeader) throws -> VolumeInfo { try header.volumeInfo(header.shape()) }

  /// The header of a box of an image, as it is written.
  private func part(_ info: VolumeInfo, at origin: Position = Position(x: 4, y: 0, z: 2)) throws
    -> NiftiHeader
  {
    var part = info
    part.extent = Extent(2)
    part.metadata = info.metadata.moved(to: origin)
    return try NiftiHeader.make(for: part).0
  }

  private static func setSform(_ rows: [[Double]]) -> (inout NiftiHeader) -> Void {
    { header in
      for (index, value) in rows.joined().enumerated() { header.set(.srow, index, to: value) }
    }
  }

  private func isNear(_ a: Affine, _ b: Affine) -> Bool {
    zip(a.rows.joined(), b.rows.joined()).allSatisfy { abs($0 - $1) < 1e-4 }
  }

  /// Zeros; a plane; two parallel axes; one long and oblique axis beside its like.
  private static let singular: [[[Double]]] = [
    [[0, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0]], [[1, 0, 0, 5], [0, 1, 0, 6], [0, 0, 0, 7]],
    [[1, 2, 0, 0], [1, 2, 0, 0], [0, 0, 1, 0]], [[3e4, 3e4, 0, 0], [1, 1, 0, 0], [0, 0, 2, 0]],
  ]

  @Test(
    "beside a singular sform the qform is used and said, and a box of the image lies where it was",
    arguments: singular)
  func singularSform(rows: [[Double]]) throws {
    let header = header { Self.setSform(rows)(&$0) }
    let info = try info(header)
    #expect(isNear(info.metadata.affine, Self.affine) && info.metadata.place == .world)
    #expect(info.notes.count == 1 && info.notes[0].contains("its qform is used instead"))
    // Other programs read the sform first.
    let part = try part(info)
    let place = Self.affine.moved(to: Position(x: 4, y: 0, z: 2))
    #expect(part.placement == .sform && isNear(part.sform, place) && isNear(part.qform, place))
    #expect(try NiftiHeader.make(for: info).0.bytes == header.bytes)
    // A box at the first voxel has another extent, so that its header is mended, too.
    #expect(try self.part(info, at: .zero).placement == .sform)
  }

  @Test("a singular sform without a qform leaves voxel sizes alone", arguments: singular)
  func singularAlone(rows: [[Double]]) throws {
    let header = header { header in
      Self.setSform(rows)(&header)
      header.set(.qformCode, to: 0)
    }
    let info = try info(header)
    #expect(info.metadata.place == .spacing && info.metadata.spacing.all == [1, 2, 3])
    #expect(info.notes.count == 1 && info.notes[0].contains("does not say which side is left"))
    #expect(try NiftiHeader.make(for: info).0.bytes == header.bytes)
  }

  @Test("a 2D image may leave the third axis out; an oblique, sheared or thin sform is a regular one")
  func regular() throws {
    let flat = try info(
      header(Extent(width: 8, height: 6), rank: 2) {
        Self.setSform([[0.5, 0, 0, 1], [0, 0.5, 0, 2], [0, 0, 0, 0]])(&$0)
        $0.set(.qformCode, to: 0)
      })
    #expect(flat.metadata.place == .world && flat.metadata.affine.rows[0] == [0.5, 0, 0, 1])
    #expect(flat.metadata.affine.orientation == "RAS")
    for rows in [
      [[0.7, -0.7, 0, 1], [0.7, 0.7, 0, 2], [0, 0, 1, 3]], [[1, 0.9, 0, 0], [0, 0.1, 0, 0], [0, 0, 1, 0]],
      [[1e-4, 0, 0, 0], [0, 1e-4, 0, 0], [0, 0, 50, 0]],
    ] {
      #expect(!Affine(rows: rows).isSingular(over: [8, 6, 4]), "\(rows)")
    }
  }

  @Test("the units of a 2D image are said in pixels")
  func flatUnits() throws {
    let flat = try info(
      header(Extent(width: 8, height: 6), rank: 2) {
        Self.setSform([[500, 0, 0, 1], [0, 250, 0, 2], [0, 0, 0, 0]])(&$0)
        $0.set(.qformCode, to: 0)
        $0.set(.pixdim, 1, to: 500.0)
        $0.set(.pixdim, 2, to: 250.0)
        $0.set(.units, to: 3)
      })
    #expect(
      flat.notes == ["gives lengths in micrometers, which are converted to mm: pixels of 0.5 x 0.25 mm"])
  }

  @Test("both codes 0 say voxel sizes alone, and nothing is doubtful")
  func noCodes() throws {
    let info = try info(
      header {
        $0.set(.sformCode, to: 0)
        $0.set(.qformCode, to: 0)
      })
    #expect(info.metadata.place == .spacing && info.notes.isEmpty)
  }

  @Test("lengths in micrometers and meters become mm, and are written in the units of the header")
  func units() throws {
    for (code, perMillimeter, word) in [(3, 1000.0, "micrometers"), (1, 0.001, "meters")] {
      let scaled = Affine(rows: Self.affine.rows.map { $0.map { $0 * perMillimeter } })
      for placement in [NiftiHeader.Placement.sform, .qform, .pixdim] {
        let header = header { header in
          header.setGeometry(scaled)
          header.set(.units, to: code | 8)
          if placement != .sform { header.set(.sformCode, to: 0) }
          if placement == .pixdim { header.set(.qformCode, to: 0) }
        }
        let info = try info(header)
        #expect(
          info.metadata.spacing.all.map { ($0 * 1e4).rounded() / 1e4 } == [1, 2, 3], "\(word) \(placement)")
        #expect(info.notes.count == 1 && info.notes[0].contains("\(word), which are converted to mm"))
        #expect(try NiftiHeader.make(for: info).0.bytes == header.bytes)
        let part = try part(info)
        #expect(
          part.integer(.units) == code | 8
            && (1...3).allSatisfy { part.real(.pixdim, $0) == header.real(.pixdim, $0) })
        let place = info.metadata.affine.moved(to: Position(x: 4, y: 0, z: 2))
        #expect(try isNear(part.affine(), place) && isNear(part.inMillimeters(try raw(part)), place))
      }
    }
  }

  /// The numbers of a header that other programs would read, whatever its units.
  private func raw(_ header: NiftiHeader) throws -> Affine { header.affineOfFirstVersion }

  @Test("another place replaces the header's, in mm")
  func replacedUnits() throws {
    var info = try info(header { $0.set(.units, to: 3 | 8) })
    info.metadata = VolumeMetadata(affine: Affine(spacing: PerAxis(0.25)), header: info.metadata.header)
    let written = try NiftiHeader.make(for: info).0
    #expect(
      written.integer(.units) == 2 | 8 && written.real(.pixdim, 1) == 0.25 && written.sform.rows[0][0] == 0.25
    )
    #expect(try self.info(written).metadata.spacing.all == [0.25, 0.25, 0.25])
  }

  @Test("an unknown unit is taken as mm, and said")
  func unknownUnit() throws {
    let info = try info(header { $0.set(.units, to: 5) })
    #expect(
      info.metadata.spacing.all == [1, 2, 3]
        && info.notes == [
          "gives lengths in the unknown unit 5, taken as mm: voxels of 1 x 2 x 3 mm"
        ])
    #expect(try self.info(header { $0.set(.units, to: 0) }).notes.isEmpty)
  }

  @Test("sform and qform that place the image differently are said, with the distance and the orientations")
  func contradiction() throws {
    let mirrored = [[1.0, 0, 0, 3], [0, -2, 0, 20], [0, 0, 3, -30]]
    let notes = try info(header { Self.setSform(mirrored)(&$0) }).notes
    #expect(
      notes.count == 1 && notes[0].contains("by up to 7 mm (RPS and LPS); the sform is used"), "\(notes)")
    // Less than a tenth of a voxel is rounding.
    var near = Self.affine.rows
    near[0][3] += 0.09
    #expect(try info(header { Self.setSform(near)(&$0) }).notes.isEmpty)
    near[0][3] += 0.02
    #expect(try info(header { Self.setSform(near)(&$0) }).notes.count == 1)
    #expect(try info(header()).notes.isEmpty)
  }

  @Test("voxel sizes other than those of the only form are said, and so are negative ones")
  func sizes() throws {
    let other = try info(
      header {
        $0.set(.qformCode, to: 0)
        $0.set(.pixdim, 2, to: 2.5)
      }
    ).notes
    #expect(
      other == ["has voxels of 1 x 2 x 3 by its sform, but of 1 x 2.5 x 3 by its pixdim; the sform is used"])
    for (placement, word) in [
      ("sform", "the sform says"), ("qform", "the qform says"), ("pixdim", "nothing says"),
    ] {
      let notes = try info(
        header {
          if placement != "sform" { $0.set(.sformCode, to: 0) }
          if placement == "pixdim" { $0.set(.qformCode, to: 0) }
          $0.set(.pixdim, 1, to: -1.0)
        }
      ).notes
      #expect(
        notes == [
          "has a negative voxel size (pixdim[1] = -1), whose sign means nothing; \(word) how its axes run"
        ])
    }
    #expect(
      try info(header { $0.set(.pixdim, to: -1.0) }).notes.contains { $0.contains("negative") } == false)
  }

  @Test("a manifest of version 0.1 keeps the numbers of the header; they are understood as it is now")
  func firstVersion() throws {
    let inMicrometers = header { $0.set(.units, to: 3) }
    let old = NiftiFormat.metadata(affine: Self.affine, header: inMicrometers.bytes)
    #expect(try old == info(inMicrometers).metadata && old.spacing.all == [0.001, 0.002, 0.003])
    #expect(NiftiFormat.metadata(affine: old.affine, header: inMicrometers.bytes) == old)
    let zeros = Affine(rows: Self.singular[0])
    let doubtful = header { Self.setSform(Self.singular[0])(&$0) }
    #expect(try NiftiFormat.metadata(affine: zeros, header: doubtful.bytes) == info(doubtful).metadata)
    // An affine that a person has changed stays.
    let own = Affine(spacing: PerAxis(7))
    #expect(NiftiFormat.metadata(affine: own, header: inMicrometers.bytes).affine == own)
    #expect(NiftiFormat.metadata(affine: own, header: [1, 2]).header?.bytes == [1, 2])
  }

  @Test("one slice of a volume is not a 2D image, and is written as what it is")
  func rank() throws {
    let one = Extent(width: 8, height: 6)
    #expect(try info(header(one, rank: 3)).isPlanar == false && info(header(one, rank: 2)).isPlanar)
    #expect(try info(header(Extent(width: 8, height: 1), rank: 1)).isPlanar)
    for (rank, expected) in [(2, 2), (3, 3)] {
      let metadata = VolumeMetadata(spatialRank: rank)
      let made = try NiftiHeader.make(for: VolumeInfo(extent: one, scalarType: .uint8, metadata: metadata)).0
      #expect(made.rank == expected && (made.rank < 3 || made.integer(.dim, 3) == 1))
    }
  }

  @Test("numbers that do not place the image need not be finite")
  func unusedNumbers() throws {
    let placed = try info(header()).metadata.affine
    // The time between volumes follows the sizes of voxels, the sform what moves a qform.
    let byQform = header {
      $0.set(.sformCode, to: 0)
      for index in 0..<12 { $0.set(.srow, index, to: Double.nan) }
      $0.set(.pixdim, 4, to: Double.nan)
    }
    #expect(byQform.placement == .qform)
    #expect(try info(byQform).metadata.affine.isClose(to: placed))
    let bySform = header {
      for index in 0..<3 { $0.set(.qoffset, index, to: Double.nan) }
      $0.set(.pixdim, 4, to: Double.nan)
    }
    #expect(try info(bySform).metadata.affine == placed)
    let bySizes = header {
      $0.set(.sformCode, to: 0)
      $0.set(.qformCode, to: 0)
      $0.set(.pixdim, 4, to: Double.nan)
    }
    #expect(try info(bySizes).metadata.spacing == PerAxis(x: 1, y: 2, z: 3))
  }
}
