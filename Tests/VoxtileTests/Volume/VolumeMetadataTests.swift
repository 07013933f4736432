import Testing
import Voxtile

@Suite("Volume metadata") struct VolumeMetadataTests {
  private let affine = Affine(rows: [[-2, 0, 0, 90], [0, 3, 0, -126], [0, 0, 4, -72]])

  @Test("the default says voxels of 1 mm, at the origin, without a header")
  func defaults() {
    let metadata = VolumeMetadata()
    #expect(metadata.spacing == PerAxis(1))
    #expect(metadata.origin == .zero && metadata.header == nil)
  }

  @Test("a box of a box moves the affine and counts its origin in the whole image")
  func movedTwice() {
    let header = VolumeMetadata.Header(format: "nifti", bytes: [1, 2, 3])
    let whole = VolumeMetadata(affine: affine, header: header)
    let box = whole.moved(to: Position(x: 10, y: 20, z: 30))
    #expect(box.origin == Position(x: 10, y: 20, z: 30))
    #expect(box.affine.rows.map { $0[3] } == [70, -66, 48])
    let inner = box.moved(to: Position(x: -1, y: 2, z: 3))
    #expect(inner == whole.moved(to: Position(x: 9, y: 22, z: 33)))
    #expect(inner.spacing == PerAxis(x: 2, y: 3, z: 4))
    #expect(inner.header == header)
    #expect(whole.origin == .zero && whole.affine == affine)
  }

  @Test("a box leads back to the image that it is a part of")
  func imageOfBox() {
    let whole = VolumeMetadata(affine: affine)
    let start = Position(x: -3, y: 20, z: 31)
    #expect(whole.moved(to: start).ofImage(whosePartStartsAt: start) == whole)
  }
}
