import Testing
import Voxtile

@Suite("VolumeInfo: the same grid")
struct VolumeInfoGridTests {
  private static let extent = Extent(width: 10, height: 8, depth: 6)

  private func info(
    _ affine: Affine = Affine(spacing: PerAxis(x: 1, y: 2, z: 3)), extent: Extent = extent,
    place: VolumeMetadata.Place = .world
  ) -> VolumeInfo {
    VolumeInfo(
      extent: extent, scalarType: .uint8, metadata: VolumeMetadata(affine: affine, place: place))
  }

  private func error(_ found: VolumeInfo) -> VoxtileError? {
    do throws(VoxtileError) {
      try found.checkOnGrid(of: info(), named: "the overlay", otherName: "the image")
      return nil
    } catch {
      return error
    }
  }

  @Test("a tenth of a voxel is allowed at every corner, and no more")
  func tolerance() {
    func moved(_ millimeters: Double) -> Affine {
      Affine(rows: [[1, 0, 0, millimeters], [0, 2, 0, 0], [0, 0, 3, 0]])
    }
    #expect(error(info()) == nil && error(info(moved(0.099))) == nil)
    #expect(error(info(moved(0.101)))?.message.contains("by up to 0.101 mm") == true)
    // Right at the first voxel, and wrong at the last one.
    let stretched = Affine(rows: [[1.02, 0, 0, 0], [0, 2, 0, 0], [0, 0, 3, 0]])
    #expect(error(info(stretched))?.message.contains("by up to 0.18 mm") == true)
    #expect(error(info(moved(.nan)))?.code == .shapeMismatch)
  }

  @Test("a 2D image whose third axis has no length may differ by rounding, too")
  func noThirdAxis() throws {
    func flat(_ x: Double) -> VolumeInfo {
      info(
        Affine(rows: [[0.5, 0, 0, x], [0, 0.5, 0, 0], [0, 0, 0, 0]]), extent: Extent(width: 9, height: 9))
    }
    try flat(1.0000001).checkOnGrid(of: flat(1), named: "the mask")
    #expect(throws: VoxtileError.self) { try flat(1.06).checkOnGrid(of: flat(1), named: "the mask") }
  }

  @Test("an error names both images, their sizes or places, and what to do")
  func words() {
    let mirrored = Affine(rows: [[-1, 0, 0, 9], [0, 2, 0, 0], [0, 0, 3, 0]])
    #expect(
      error(info(mirrored))?.message
        == "the overlay lies elsewhere than the image, by up to 9 mm: LAS, voxels of 1 x 2 x 3 mm, the first at (9, 0, 0) mm "
        + "against RAS, voxels of 1 x 2 x 3 mm, the first at (0, 0, 0) mm; resample them to one grid")
    #expect(
      error(info(extent: Extent(4)))?.message
        == "the overlay is 4x4x4, but the image is 10x8x6; resample them to one grid")
  }

  @Test("an image without a place has to be of the same size only")
  func unknownPlace() {
    let elsewhere = Affine(spacing: PerAxis(1))
    #expect(error(info(elsewhere, place: .unknown)) == nil)
    #expect(error(info(elsewhere, place: .spacing)) != nil)
    #expect(error(info(elsewhere, extent: Extent(4), place: .unknown)) != nil)
  }

  @Test("one slice is a 2D image unless its file calls it a volume")
  func planar() {
    func isPlanar(_ depth: Int, rank: Int?) -> Bool {
      VolumeInfo(
        extent: Extent(width: 4, height: 4, depth: depth), scalarType: .uint8,
        metadata: VolumeMetadata(spatialRank: rank)
      ).isPlanar
    }
    #expect(isPlanar(1, rank: nil) && isPlanar(1, rank: 2) && !isPlanar(1, rank: 3))
    #expect(!isPlanar(2, rank: nil) && !isPlanar(2, rank: 3))
  }

  @Test("the place and the rank of an image are those of its parts")
  func parts() {
    let metadata = VolumeMetadata(place: .spacing, spatialRank: 3)
    let part = metadata.moved(to: Position(x: 1, y: 2, z: 3))
    #expect(part.place == .spacing && part.spatialRank == 3)
    let other = part.withoutHeader(affine: Affine(spacing: PerAxis(2)))
    #expect(other.place == .spacing && other.spatialRank == 3 && other.header == nil && other.origin == .zero)
  }
}
